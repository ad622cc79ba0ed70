"""A dispute to test with: two households on one staircase, a mediator, and a case as far as a test needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from knowledge.mediation import Refusal, Side, Who
from storage import mediation, mediation_life, mediation_opening, mediation_talk, residents, staff
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.mediation import Case, Stale
from storage.mediation_opening import Application, Whereabouts
from storage.mediation_talk import Letter
from storage.transaction import Tx
from tests.desk_service import Desk, file_ticket

APPLICANT_SAID = "楼上拖椅子到半夜，我老汉儿心脏不好"
WISH = "希望十点以后安静"
ABOVE = Whereabouts(name="何师傅", building="7", unit="2", room="1304", place_note="楼上1304")


@dataclass(frozen=True, slots=True)
class Household:
    """Where somebody writes from, and who they are to us."""

    remote: int
    chat_id: int
    resident_id: int


@dataclass
class Room:
    """The mediator's desk, a case, and both households."""

    desk: Desk
    case_id: int
    one: Household
    other: Household
    storage: Storage

    @property
    def here(self) -> str:
        return f"/console/mediations/{self.case_id}"


def moves_in(tx: Tx, number: int, **known: str) -> Household:
    """Somebody with a chat whose flat is known."""
    remote = FIRST_WEB_CHAT + 1000 + number
    chat_id = find_or_open(tx, channel="web", remote=remote)
    residents.remember(tx, chat_id=chat_id, **known)
    return Household(remote, chat_id, residents.of_chat(tx, chat_id))


def below(tx: Tx) -> Household:
    return moves_in(tx, 1, name="刘孃孃", building="7", unit="2", room="1204", phone="13800000001")


def above(tx: Tx) -> Household:
    return moves_in(tx, 2, name="何师傅", building="7", unit="2", room="1304", phone="13800000002")


def applies(
    tx: Tx,
    home: Household,
    *,
    about: Whereabouts = ABOVE,
    said: str = APPLICANT_SAID,
    room: str = "1204",
    may_contact: bool = True,
) -> Case:
    """They file a dispute and apply for mediation."""
    filed = file_ticket(
        tx, remote=home.remote, route="dispute", category="noise", title=f"噪音：{said}", description=said,
        building="7", unit="2", room=room, phone=None, urgency="P2",
    )  # fmt: skip
    given = Application(about, WISH, may_contact, told="1")
    case = mediation_opening.apply(tx, filed.id, chat_id=home.chat_id, given=given)
    assert case is not None
    return case


def hired(tx: Tx, name: str = "方调解", role: str = "mediator") -> int:
    return staff.add(tx, name=name, role=role)


def going(result: Case | Refusal | Stale | None) -> Case:
    assert isinstance(result, Case), result
    return result


def accepted(tx: Tx, case: Case, mediator: int) -> Case:
    """A mediator has the case and accepts it."""
    named = going(
        mediation_life.name(
            tx, case, mediator_id=mediator, staff_id=mediator, who=frozenset({Who.UNNAMED}), revision=case.revision
        )
    )
    return going(mediation_opening.accept(tx, named, staff_id=mediator, revision=named.revision, word="望"))


def asked(tx: Tx, case: Case, mediator: int) -> Case:
    [neighbour] = mediation_life.neighbours(tx, case)
    result, _ = mediation_life.invite(
        tx, case, staff_id=mediator, revision=case.revision, neighbour=neighbour, told="1"
    )
    return going(result)


def talking(tx: Tx, case: Case, mediator: int) -> Case:
    """Both sides speak with the mediator."""
    return going(mediation_life.willing(tx, asked(tx, accepted(tx, case, mediator), mediator), told="1"))


def plainly(text: str) -> Any:
    """What is told, whoever reads it in whatever language."""
    return lambda language, side: Letter(text)


async def two_neighbours(storage: Storage) -> tuple[Household, Household, Case, int]:
    """Both with chats, the case being mediated."""

    def story(tx: Tx) -> tuple[Household, Household, Case, int]:
        one, other, mediator = below(tx), above(tx), hired(tx)
        return one, other, talking(tx, applies(tx, one), mediator), mediator

    return await storage.run(story)


def says(tx: Tx, case: Case, side: Side, text: str) -> int:
    return mediation_talk.heard(tx, mediation.held(tx, case.id), side, text=text).word_id
