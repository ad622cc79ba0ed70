"""What can be brought in and taken out as a sheet, each kind by one carrier."""

from __future__ import annotations

from collections.abc import Mapping

from storage import carried_catalogue, carried_faq, carried_flats, carried_households, carried_staff
from storage.carrying import Carrier

CARRIERS: Mapping[str, Carrier] = {
    "flats": carried_flats.CARRIER,
    "households": carried_households.CARRIER,
    "staff": carried_staff.CARRIER,
    "faq": carried_faq.CARRIER,
    "catalogue": carried_catalogue.CARRIER,
}
