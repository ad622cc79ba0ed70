"""A side of a mediation in the chat: asked and willing or not, what they may ask for, stopping.

What is said here goes to the mediator and to nobody else, until its writer presses that the other side may be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handlers import mediation_letters as letters
from handlers.outcome import Edit, Outcome, Say, both, do, say
from handlers.residents import applying, to_mediator
from handlers.residents.case import Case
from handlers.residents.to_mediator import Standing, ask_words, stands, take
from knowledge import mediation_words
from knowledge.mediation import Side, State, Step, Who, table
from storage import mediation, mediation_life, mediation_talk
from storage.mediation import Case as Mediation
from storage.mediation import Party
from storage.transaction import Tx


# --- orders in plain words --------------------------------------------------------------------------------------------
async def ordered(case: Case) -> Outcome[Any] | None:
    """ "换个调解员", "跟调解员说…": heard where somebody is a side of a case; None: it is none of these."""
    found = mediation_words.order(case.text)
    if found is None:
        return await applying.answers_offer(case)
    if found.kind == "apply":
        return await applying.wanted(case)
    standing = await stands(case)
    if standing is None:
        return None
    if found.kind == "tell":
        return take(case, standing, text=found.words) if found.words else ask_words(case, standing)
    actions = {"other_mediator": "other", "close_session": "private", "show": "more"}
    return act(case, standing, actions.get(found.kind, found.kind))


# --- presses ------------------------------------------------------------------------------------------------------------
async def press(case: Case, parts: list[str]) -> Outcome[Any]:
    standing = await stands(case, int(parts[0]))
    if standing is None:
        return say(Say(case.words("mediation.none")))
    if parts[1] == "rel":
        return to_mediator.release(case, standing, int(parts[2]))
    outcome = act(case, standing, parts[1])
    return _once(case, outcome) if parts[1] in ONCE else outcome


ONCE = ("yes", "never", "think", "jyes", "jno", "gone", "on")
"""What a question asked; once answered it loses its buttons."""


BOUND = ("binds", ("tell", "more"))
"""No side ends what both agreed on and is in force; what can be done instead (ME-12)."""


def _once(case: Case, outcome: Outcome[Any]) -> Outcome[Any]:
    pressed = case.incoming.pressed
    return both(say(Edit(pressed.id)), outcome) if pressed else outcome


def act(case: Case, standing: Standing, action: str) -> Outcome[Any]:
    """One of the things a side may do; whether it may now is the table's to say."""
    found, party = standing
    if action in ("say", "tell", "first", "all"):
        return ask_words(case, standing, jointly=action == "all" and found.joint)
    if action == "more":
        return say(menu(case, standing))
    if action == "rights":
        return _told(case, standing, "rights_again", ("tell", "more"))
    if action == "no":
        return _told(case, standing, "refuse_sure", ("never", "think")) if _invited(standing) else _late(case)
    if action == "think":
        return _told(case, standing, "still_open", letters.INVITED) if _invited(standing) else _late(case)
    if action == "on":
        return _told(case, standing, "going_on")
    if action == "stop":
        return _told(case, standing, *(("stop_sure", ("gone", "on")) if _ending(standing) else BOUND))
    if action in ("jyes", "jno"):
        return _joint(case, standing, yes=action == "jyes")
    if action in ("other", "private"):
        done = do(_wish, WISHES[action], found.id, party.side)
    else:
        done = do({"yes": _willing, "never": _end, "gone": _end}[action], case, found.id, party.side)
    return done.then(lambda key: [_said(case, standing, key)])


def _late(case: Case) -> Outcome[Any]:
    return say(Say(case.words("mediation.stale")))


def _invited(standing: Standing) -> bool:
    return standing[1].side is Side.RESPONDENT and standing[0].state is State.INVITING


def _said(case: Case, standing: Standing, key: str) -> Say:
    found, party = standing
    known = letters.facts(case.words, found, case.now)
    buttons = ("tell", "more") if key == "willing_thanks" else ()
    text = case.words(f"mediation.{key}", **known | _number(found, party, known))
    return Say(text, letters.rows(case.words, found, buttons), ticket_id=found.ticket_id)


def _number(found: Mediation, party: Party, known: dict[str, str]) -> dict[str, str]:
    """The applicant's number is the applicant's."""
    return {"number": found.number if party.side is Side.APPLICANT else known["file"]}


def _told(case: Case, standing: Standing, key: str, buttons: Sequence[str] = ()) -> Outcome[Any]:
    said = _said(case, standing, key)
    rows = letters.rows(case.words, standing[0], buttons)
    return say(Say(said.text, rows, ticket_id=said.ticket_id))


def menu(case: Case, standing: Standing) -> Say:
    """How the case stands, and what one may ask for at any time (ME-05)."""
    found, known = standing[0], letters.facts(case.words, standing[0], case.now)
    due = case.words("mediation.menu_due", due=known["due"]) if known["due"] else ""
    text = case.words("mediation.menu", **known | {"due": due})
    if _invited(standing):
        return Say(text, letters.rows(case.words, found, letters.INVITED), ticket_id=found.ticket_id)
    names = [
        "tell",
        *(["all"] if found.joint else []),
        "other",
        *([] if found.closed_session else ["private"]),
        "rights",
    ]
    names += ["stop"] if _ending(standing) else []
    return Say(text, letters.rows(case.words, found, names), ticket_id=found.ticket_id)


def _ending(standing: Standing) -> str | None:
    return mediation_life.ending_step(standing[0], standing[1].side)


# --- units: each tells the other side what it needs to know, and answers with the words for whoever pressed --------------
def _willing(tx: Tx, case: Case, case_id: int, side: Side) -> str:
    held, texts = mediation.held(tx, case_id), case.front.texts
    if side is not Side.RESPONDENT:
        return "stale"
    result = mediation_life.willing(tx, held, told=table().rights_version)
    if not isinstance(result, Mediation):
        return "stale"
    told = letters.letter(texts, "begun", result, tx.now, buttons=("tell", "more"))
    mediation_talk.deliver(tx, result, Side.APPLICANT, told)
    return "willing_thanks"


def _end(tx: Tx, case: Case, case_id: int, side: Side) -> str:
    held = mediation.held(tx, case_id)
    action = mediation_life.ending_step(held, side)
    if action is None:
        return "stale"
    result = mediation_life.end(tx, held, action, Who(side.value))
    if not isinstance(result, Mediation):
        return "stale"
    letters.tell_end(tx, case.front.texts, result, but=side)
    return "refused" if action == "refuse" else "stopped"


def _wish(tx: Tx, action: str, case_id: int, side: Side) -> str:
    """Another mediator, or in private: either side may ask at any time (ME-05)."""
    held, who = mediation.held(tx, case_id), {Who(side.value)}
    wished: dict[str, Any] = (
        {"closed_session": True} if action == "close_session" else {"other_mediator_asked": side.value}
    )
    done = mediation.step(tx, held, action, who, actor=side.value, **wished)
    return NOTED[action] if isinstance(done, Step) else "stale"


WISHES = {"other": "ask_other_mediator", "private": "close_session"}
NOTED = {"ask_other_mediator": "other_mediator_asked", "close_session": "private_noted"}


def _joint(case: Case, standing: Standing, *, yes: bool) -> Outcome[Any]:
    found, party = standing
    answered = do(_agree, case, found.id, party.side, yes=yes)
    return answered.then(
        lambda opened: [] if opened else [_said(case, standing, f"joint_{'yes' if yes else 'no'}_noted")]
    )


def _agree(tx: Tx, case: Case, case_id: int, side: Side, *, yes: bool) -> bool:
    held = mediation.held(tx, case_id)
    opened = mediation_talk.agree_to_joint(tx, held, side, yes=yes)
    if opened:
        tell = letters.letter(case.front.texts, "joint_open", held, tx.now, buttons=("all", "tell"))
        for one in Side:
            mediation_talk.deliver(tx, held, one, tell)
    return opened


# --- invited --------------------------------------------------------------------------------------------------------------
def invitation(case: Case, found: Mediation) -> Say:
    """What somebody reads who brought the code the mediator gave them: what it is about, and their rights."""
    community = case.profile.community.get(case.scene.language)
    known = letters.facts(case.words, found, case.now)
    text = case.words("mediation.invited", community=community, **known)
    return Say(text, letters.rows(case.words, found, letters.INVITED), ticket_id=found.ticket_id)
