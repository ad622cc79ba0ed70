"""Values of the community's own answers: what the notice asks of it, and what it has, in both languages.

An unknown value is simply absent from the result; templates then leave the part out that needs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from knowledge.notice import Notice
from knowledge.profile import Office, Profile

Pair = tuple[str, str]
"""The same value in Chinese and in English."""


def community_values(profile: Profile, notice: Notice, today: date | None = None) -> dict[str, dict[str, str]]:
    """Filled-in values by language (`zh`, `en`) and name; `today` (in Shanghai) adds the next disclosure day."""
    found: dict[str, dict[str, str]] = {"zh": {}, "en": {}}
    for name, (zh, en) in _pairs(profile, notice, today):
        found["zh"][name], found["en"][name] = zh, en
    return found


def rooms_needed(households: int, notice: Notice) -> tuple[int, int]:
    """Square metres for that many households: the share per hundred rounded up, and what is due in the end."""
    share = -(-households * notice.figure("rooms_per_hundred").values[0] // 100)
    return share, max(share, notice.figure("rooms_minimum").values[0])


def next_disclosure(today: date, notice: Notice) -> date:
    """The first disclosure day that is today or later."""
    months = notice.figure("disclosure_months").values
    day = notice.figure("disclosure_day").values[0]
    days = (date(year, month, day) for year in (today.year, today.year + 1) for month in months)
    return next(each for each in days if each >= today)


def _pairs(profile: Profile, notice: Notice, today: date | None) -> Iterator[tuple[str, Pair]]:
    yield "estate", (profile.estate.zh, profile.estate.en)
    yield "community", (profile.community.zh, profile.community.en)
    yield "status", _STATUS[profile.status] if profile.entered else _NOT_ENTERED
    yield "buildings", _same(len(profile.buildings)) if profile.buildings else _SOME
    yield "flats", _same(profile.flats) if profile.flats else _SOME
    if profile.households is not None:
        yield "households", _same(profile.households)
        yield "households_verdict", _size(profile.households)
    if profile.residents is not None:
        yield "residents", _same(profile.residents)
    if profile.established_on:
        yield "established_on", _day(profile.established_on)
    if profile.posting_places:
        yield "posting_places", (profile.posting_places.zh, profile.posting_places.en)
    yield from _rooms(profile, notice)
    yield from _people(profile, notice)
    if today:
        yield from _disclosure(next_disclosure(today, notice))


_USUAL: Pair = ("在这个范围内", "within that range")
_SOME: Pair = ("若干", "some")
_NOT_ENTERED: Pair = (
    "成立没有，这里还没登记，请问社区办公室",
    "whether it is established is not entered here yet; please ask the office",
)
_UNUSUAL: Pair = ("不在这个范围内", "outside that range")
_STATUS: dict[str, Pair] = {
    "preparing": ("还在筹备,由筹备小组管", "still looked after by a preparatory group"),
    "established": ("已经成立", "established"),
}

USUAL_SIZE = (1000, 3000)
"""Households of a community as the law of 2026 puts it (`LAW-NEW`)."""


def _size(households: int) -> Pair:
    if households > USUAL_SIZE[1]:
        return "比这个规模大", "above that range"
    if households < USUAL_SIZE[0]:
        return "比这个规模小", "below that range"
    return "在这个规模内", "within that range"


def _rooms(profile: Profile, notice: Notice) -> Iterator[tuple[str, Pair]]:
    needed = None
    if profile.households is not None:
        share, needed = rooms_needed(profile.households, notice)
        yield "rooms_share", _same(share)
        yield "rooms_needed", _same(needed)
    if profile.office:
        yield from _office(profile.office)
        if needed is not None:
            yield "rooms_verdict", _enough(profile.office.area_m2, needed)


def _enough(have: int, needed: int) -> Pair:
    short = needed - have
    return ("够了", "enough") if short <= 0 else (f"还差{short:,}平方米", f"{short:,} m² short")


def _office(office: Office) -> Iterator[tuple[str, Pair]]:
    yield "rooms_have", _same(office.area_m2)
    yield "rooms_floors", _same_text("、".join(map(str, office.floors)), ", ".join(map(str, office.floors)))
    yield "rooms_address", (office.address.zh, office.address.en)
    yield "office_hours", (office.hours.zh, office.hours.en)


def _people(profile: Profile, notice: Notice) -> Iterator[tuple[str, Pair]]:
    least, most = notice.figure("committee_members").values
    if profile.committee_members is not None:
        usual = least <= profile.committee_members <= most
        yield "members", _same(profile.committee_members)
        yield "members_verdict", _USUAL if usual else _UNUSUAL
    counts = (
        ("workers", profile.full_time_workers),
        ("groups", profile.residents_groups),
        ("building_heads", profile.building_heads),
        ("grids", profile.grids),
    )
    yield from ((name, _same(count)) for name, count in counts if count is not None)


def _disclosure(due: date) -> Iterator[tuple[str, Pair]]:
    quarter_end = due.replace(day=1, month=(due.month - 1) // 3 * 3 + 1) - timedelta(days=1)
    quarter = (quarter_end.month + 2) // 3
    yield "next_disclosure", _day(due)
    year, name = quarter_end.year, "一二三四"[quarter - 1]
    yield "disclosed_quarter", (f"{year}年第{name}季度", f"quarter {quarter} of {year}")


def _same(number: int) -> Pair:
    return f"{number:,}", f"{number:,}"


def _same_text(zh: str, en: str) -> Pair:
    return zh, en


def _day(day: date) -> Pair:
    return f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B} {day.year}"
