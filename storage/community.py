"""The community itself: its buildings and flats, and a demo's first staff. Loaded once, into an empty database."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, func, select, text

from knowledge.demo_occasions import invented
from knowledge.life import Role
from knowledge.profile import Building, Profile
from knowledge.towns import kept
from storage import demo_disclosure, demo_duty, occasions, staff, towns
from storage.migrate import LOCK
from storage.tables import buildings, chats, communities, estates, flats, residents
from storage.tables import staff as staff_table
from storage.transaction import Tx

DEMO_STAFF = (
    ("管理员", Role.ADMIN),
    ("值班员", Role.OPERATOR),
    ("维修班", Role.WORKER),
    ("调解室", Role.MEDIATOR),
    ("监督委员会", Role.SUPERVISOR),
)
"""By duty, never by a person's name."""
FIRST_ADMIN = DEMO_STAFF[0]


def load_demo(tx: Tx, profile: Profile) -> int:
    """Load an invented community with its flats and staff; the number of flats, 0 where the database is not empty.

    However many processes start at once, one of them loads it.
    """
    if tx.connection.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    if not is_empty(tx):
        return 0
    estate = tx.insert(estates, name=profile.estate.zh, name_en=profile.estate.en, made_at=tx.now)
    told = {"name": profile.community.zh, "profile": kept(profile), "estate_id": estate}
    community_id = tx.insert(communities, created_at=tx.now, **told)
    for building in profile.buildings:
        _load_building(tx, community_id, building)
    members = [staff.add(tx, name=name, role=role.value) for name, role in DEMO_STAFF]
    demo_duty.load(tx, community_id, members)
    _load_occasions(tx)
    demo_disclosure.load(tx, staff_id=members[0])
    tx.wake(towns.TOPIC)
    return int(tx.scalar(select(func.count()).select_from(flats)))


def _load_occasions(tx: Tx) -> None:
    """Something to join from the first day on."""
    member = first_admin(tx)
    assert member is not None
    for plan in invented(tx.now):
        made = occasions.create(tx, plan, staff_id=member.id)
        occasions.open_(tx, made, revision=1, staff_id=member.id)


def is_empty(tx: Tx) -> bool:
    """Nobody lives, works or has written here yet."""
    return not any(
        tx.scalar(select(exists().where(table.c.id > 0))) for table in (communities, residents, chats, staff_table)
    )


def first_admin(tx: Tx) -> staff.Member | None:
    """Whom a sign-in link is made for when nobody is named: the first admin, who is made where nobody works here yet.

    None when there is staff, but no admin who may sign in.
    """
    everyone = staff.everyone(tx)
    if not everyone:
        name, role = FIRST_ADMIN
        return staff.get(tx, staff.add(tx, name=name, role=role.value))
    admins = (member for member in everyone if member.role == Role.ADMIN.value and member.disabled_at is None)
    return next(admins, None)


def _load_building(tx: Tx, community_id: int, building: Building) -> None:
    key = tx.insert(
        buildings, community_id=community_id, name=building.number, floors=building.floors, units=building.units
    )
    rows = [{"building_id": key, "unit": unit, "floor": floor, "room": room} for unit, floor, room in doors(building)]
    tx.execute(flats.insert(), rows)


def doors(building: Building) -> Iterator[tuple[str, int, str]]:
    """Unit, floor and room of every flat, spread evenly; room 1204 is the 12th floor's 4th door."""
    landings = [(unit, floor) for floor in range(1, building.floors + 1) for unit in range(1, building.units + 1)]
    each, more = divmod(building.flats, len(landings))
    for place, (unit, floor) in enumerate(landings):
        for door in range(1, each + (place < more) + 1):
            yield str(unit), floor, f"{floor}{door:02d}"
