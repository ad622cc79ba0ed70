"""Which notices somebody wants: said in one sentence, seen on one screen, stopped with one press; and when they sleep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from handlers.outcome import Button, Edit, Outcome, Reply, Rows, Say, both, do, say
from handlers.residents import own
from handlers.residents.case import Case
from handlers.residents.disclosures import home
from handlers.residents.privacy import with_notice
from knowledge.places import place
from knowledge.quiet import NEVER, USUAL, Quiet
from knowledge.subscribing import NoticeWish, Topic, rules
from storage import drafts, notices, subscriptions
from storage.chats import Draft
from storage.subscriptions import EVERYWHERE, Wanted
from storage.transaction import Tx

FORM = "notice_building"
"""The form of one step that takes the building whose notices are wanted."""
NIGHT = {"on": USUAL, "off": NEVER}


# --- in words ---------------------------------------------------------------------------------------------------------
async def hear(case: Case, wish: NoticeWish) -> Outcome[Any]:
    """A wish in words."""
    if wish.kind == "start":
        return await start(case, wish)
    if wish.kind == "stop":
        return await _stop(case, wish)
    if wish.quiet is not None:
        return set_quiet(case, wish.quiet)
    return await mine(case)


async def start(case: Case, wish: NoticeWish) -> Outcome[Any]:
    """These kinds from now on; where each building has its own, of theirs, if it is known."""
    topics = tuple(rules().topics) if wish.everything else wish.topics
    if wish.building is not None and wish.building not in _buildings(case):
        return say(Say(_no_such_building(case, wish.building)))
    building = wish.building or home(case) or await _building_before(case)
    began = _begin(case, topics, building, wish.quiet, named=wish.building is not None)
    near = [topic for topic in topics if rules().topics[topic].near]
    if near and building is None:
        began = both(began, _ask_building(case, near))
    return with_notice(case, began)


async def _building_before(case: Case) -> str | None:
    """The building whose notices they wanted so far."""
    wanted = await case.front.storage.read(subscriptions.of_chat, case.chat_id)
    return next((building for building in _own_ones(wanted) if building), None)


def _own_ones(wanted: Wanted) -> list[str]:
    """The buildings of what each building has its own of; "" is all of them."""
    return [one for topic, buildings in wanted.topics.items() if rules().topics[topic].near for one in buildings]


def _begin(
    case: Case, topics: Sequence[str], building: str | None, quiet: Quiet | None, *, named: bool = False
) -> Outcome[Any]:
    return do(_start, case.chat_id, topics, building, quiet, named).then(lambda found: [_started(case, topics, *found)])


def _start(
    tx: Tx, chat_id: int, topics: Sequence[str], building: str | None, quiet: Quiet | None, named: bool
) -> tuple[bool, Wanted]:
    """A building that was said counts for all that was said with it; one that is known, for what is near."""
    near = [topic for topic in topics if named or rules().topics[topic].near]
    far = [topic for topic in topics if topic not in near]
    fresh = subscriptions.start(tx, chat_id=chat_id, topics=near, building=building)
    fresh = subscriptions.start(tx, chat_id=chat_id, topics=far, building=None) or fresh
    if quiet is not None:
        subscriptions.set_quiet(tx, chat_id=chat_id, quiet=quiet)
    return fresh or quiet is not None, subscriptions.of_chat(tx, chat_id)


def _started(case: Case, topics: Sequence[str], fresh: bool, wanted: Wanted) -> Say:
    words = case.words
    known = {"where": _where(case, wanted.topics.get(topics[0], ())), "topics": names(case, topics)}
    off = Button(words("wants.stop"), f"nt:off:{topics[0] if len(topics) == 1 else 'all'}")
    rows: Rows = ([off, Button(words("wants.menu"), "nt:mine")],)
    if not fresh:
        return Say(words("wants.already", **known), rows)
    never = wanted.quiet.begins == wanted.quiet.ends
    quiet = "" if never else words("wants.hours", hours=wanted.quiet.words())
    return Say(words("wants.started", **known, quiet=quiet), rows)


def _where(case: Case, buildings: Iterable[str]) -> str:
    own_ones = [building for building in buildings if building != EVERYWHERE]
    if not own_ones:
        return case.words("wants.everywhere")
    return case.words("wants.building", building=_joined(case, own_ones))


def _joined(case: Case, parts: Iterable[str]) -> str:
    return ("、" if case.scene.language == "zh" else ", ").join(parts)


def names(case: Case, topics: Iterable[str]) -> str:
    return _joined(case, (rules().topics[topic].name.get(case.scene.language) for topic in topics))


async def _stop(case: Case, wish: NoticeWish) -> Outcome[Any]:
    """What is named, or the only one there is; of several they choose. Nothing to stop: it is leaving that is meant."""
    wanted = await case.front.storage.read(subscriptions.of_chat, case.chat_id)
    if wish.topics:
        return stop(case, wish.topics)
    if wish.everything and wanted.topics:
        return stop_all(case)
    if not wanted.topics:
        return await own.leaving(case)
    return stop(case, tuple(wanted.topics)) if len(wanted.topics) == 1 else say(_screen(case, wanted))


# --- the building -----------------------------------------------------------------------------------------------------
def _ask_building(case: Case, topics: Sequence[str]) -> Outcome[Any]:
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=FORM, step="building", answers={"topics": list(topics)})
    return opened.then(lambda draft_id: [Say(case.words("wants.ask_building"), prompt_of=draft_id)])


def hear_building(case: Case, draft: Draft) -> Outcome[Any] | None:
    """The building that was asked for; None when something else is said."""
    text = case.text.strip(" 。.!！")
    found = place(f"{text}栋" if text.isdigit() else text)
    if found is None or found.building is None or len(case.text) > 20:
        return None
    if found.building not in _buildings(case):
        return say(Say(_no_such_building(case, found.building)))
    building, topics = found.building, draft.answers["topics"]
    narrowed = do(subscriptions.narrow, chat_id=case.chat_id, topics=topics, building=building)
    told = narrowed.saying(Say(case.words("wants.narrowed", building=building)))
    return both(told, put_away(case))


def put_away(case: Case) -> Outcome[Any]:
    return do(drafts.close_current, chat_id=case.chat_id, state="cancelled")


def _buildings(case: Case) -> list[str]:
    return [building.number for building in case.front.towns.buildings]


def _no_such_building(case: Case, building: str) -> str:
    known = _buildings(case)
    return case.words("form.no_such_building", first=known[0], last=known[-1], building=building)


# --- the screen -------------------------------------------------------------------------------------------------------
async def mine(case: Case) -> Outcome[Any]:
    """All kinds, which of them they get, and the night."""
    return with_notice(case, say(_screen(case, await case.front.storage.read(subscriptions.of_chat, case.chat_id))))


def _screen(case: Case, wanted: Wanted) -> Say:
    words, never = case.words, wanted.quiet.begins == wanted.quiet.ends
    quiet = words("wants.quiet_off") if never else words("wants.quiet_on", hours=wanted.quiet.words())
    return Say(words("wants.list", places=_places(case, wanted), quiet=quiet), _choices(case, wanted, never))


def _places(case: Case, wanted: Wanted) -> str:
    near = _own_ones(wanted)
    if not near:
        return ""
    if EVERYWHERE in near:
        return case.words("wants.of_all")
    where = case.words("wants.building", building=_joined(case, dict.fromkeys(near))).strip(" ,的")
    return case.words("wants.of_building", building=where)


def _choices(case: Case, wanted: Wanted, never: bool) -> Rows:
    words = case.words
    rows = [[_choice(case, topic, wanted.gets(topic))] for topic in rules().topics.values()]
    night = (
        Button(words("wants.night_off"), "nt:night:on") if never else Button(words("wants.night_on"), "nt:night:off")
    )
    last = [night, Button(words("wants.all"), "nt:off:all")] if wanted.topics else [night]
    if near := _own_ones(wanted):
        rows.append([Button(words("wants.only_mine" if EVERYWHERE in near else "wants.other_building"), "nt:where")])
    return (*rows, last)


def _choice(case: Case, topic: Topic, got: bool) -> Button:
    name = topic.name.get(case.scene.language)
    if got:
        return Button(case.words("wants.got", topic=name), f"nt:off:{topic.topic}:here")
    return Button(name, f"nt:on:{topic.topic}:here")


# --- presses ----------------------------------------------------------------------------------------------------------
async def press(case: Case, parts: list[str]) -> Outcome[Any]:
    """A button of the screen, or under a notice. What it names is checked; pressed twice it has acted once."""
    name, rest = parts[0], parts[1:]
    if name == "mine":
        return await mine(case)
    if name == "where":
        return _ask_building(case, [topic.topic for topic in rules().topics.values() if topic.near])
    if name == "night":
        return _on_the_screen(case, set_quiet(case, NIGHT[rest[0]]))
    if name == "stop":
        return await stop_by_notice(case, int(rest[0]))
    if name == "off" and rest[0] == "all":
        return stop_all(case)
    topic = rules().topics[rest[0]].topic
    here = rest[1:] == ["here"]
    building = home(case) or await _building_before(case)
    changed = stop(case, (topic,)) if name == "off" else _begin(case, (topic,), building, None)
    return _on_the_screen(case, changed) if here else with_notice(case, changed)


def _on_the_screen(case: Case, changed: Outcome[Any]) -> Outcome[Any]:
    """The screen shows how it is now; nothing else is said."""
    pressed = case.incoming.pressed

    def unit(tx: Tx) -> Wanted:
        changed.unit(tx)
        return subscriptions.of_chat(tx, case.chat_id)

    def replies(wanted: Wanted) -> list[Reply]:
        screen = _screen(case, wanted)
        return [Edit(pressed.id, screen.text, screen.buttons)] if pressed else [screen]

    return do(unit).then(replies)


def set_quiet(case: Case, quiet: Quiet) -> Outcome[Any]:
    never = quiet.begins == quiet.ends
    text = case.words("wants.quiet_never") if never else case.words("wants.quiet_set", hours=quiet.words())
    kept = do(subscriptions.set_quiet, chat_id=case.chat_id, quiet=quiet)
    return kept.saying(Say(text, ([Button(case.words("wants.menu"), "nt:mine")],)))


def stop(case: Case, topics: Sequence[str]) -> Outcome[Any]:
    """None of these any more; the way back is one press."""
    stopped = do(subscriptions.stop, chat_id=case.chat_id, topics=topics)
    back = [Button(case.words("wants.back"), f"nt:on:{topics[0]}")] if len(topics) == 1 else []

    def replies(fresh: bool) -> list[Reply]:
        key = "wants.stopped" if fresh else "wants.stopped_before"
        return [
            Say(case.words(key, topics=names(case, topics)), ([*back, Button(case.words("wants.menu"), "nt:mine")],))
        ]

    return stopped.then(replies)


def stop_all(case: Case) -> Outcome[Any]:
    stopped = do(subscriptions.stop, chat_id=case.chat_id, topics=tuple(rules().topics))
    return stopped.saying(Say(case.words("wants.all_stopped"), ([Button(case.words("wants.menu"), "nt:mine")],)))


async def stop_by_notice(case: Case, notice_id: int) -> Outcome[Any]:
    """The button under a notice stops its kind."""
    found = await case.front.storage.read(notices.get, notice_id)
    return stop(case, (found.topic,)) if found is not None else await mine(case)
