"""What is heard before anything is understood: danger, a button, whoever is spoken with, a command, a person wished for."""

from __future__ import annotations

from typing import Any

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers.outcome import Outcome, Say, both, say
from handlers.residents import buttons, emergencies, hearts, matters, menu, own, people, volunteer_talk
from handlers.residents.case import Case
from handlers.residents.filters import command, private
from handlers.residents.occasion_meant import concern
from knowledge.calling import asks_for_person
from knowledge.danger import WEIGHED, Danger
from knowledge.languages import asked_for
from knowledge.own_data import Wish, wish
from storage import messages
from storage.chats import Scene

LEANINGS = ("model", WEIGHED)
"""What a danger is called that no rule is sure of."""


def routers() -> tuple[Router, ...]:
    """In this order."""
    return _danger(), _presses(), _spoken_with(), _commands(), _people()


def _danger() -> Router:
    router = Router(name="danger")

    @router.message(private, _in_danger)
    async def respond(message: Message, case: Case, danger: Danger) -> Outcome[Any]:
        return emergencies.respond(case, danger)

    @router.edited_message(private, _in_danger)
    async def respond_to_edit(message: Message, case: Case, danger: Danger) -> Outcome[Any]:
        edited_id = await case.front.storage.read(messages.ours, case.chat_id, message.message_id)
        return emergencies.respond(case, danger, edited_id=edited_id)

    return router


async def _in_danger(message: Message, case: Case) -> bool | dict[str, Any]:
    """The danger the words tell of; of a command, the words behind it. Where only the model leans to it, a sure wish
    about one's own data is what it says."""
    told = case.about(case.text.partition(" ")[2].strip()) if case.is_command else case
    danger = told.reading.danger if told.text else None
    if danger is None or (danger.rule in LEANINGS and await _plainly_harmless(told)):
        return False
    return {"danger": danger}


async def _plainly_harmless(case: Case) -> bool:
    """A sure wish about one's own data, an answer to the open sign-up ("只在7栋"), words about an occasion ("我到了")."""
    return wish(case.text) is not None or volunteer_talk.answers(case) or await concern(case) is not None


def _presses() -> Router:
    router = Router(name="presses")

    @router.callback_query(private)
    async def press(query: CallbackQuery, case: Case) -> Outcome[Any]:
        return await buttons.press(case, query.data or "")

    return router


def _commands() -> Router:
    router = Router(name="commands")

    @router.message(private, command("start", "help", "menu"))
    async def start(message: Message, case: Case) -> Outcome[Any]:
        card = hearts.code_in(case.text)
        return hearts.arrive(case, card) if card else menu.start(case)

    @router.message(private, command("mydata"))
    async def my_data(message: Message, case: Case) -> Outcome[Any]:
        return await own.hear(case, Wish("see"))

    @router.message(private, command("privacy"))
    async def notice(message: Message, case: Case) -> Outcome[Any]:
        return await own.hear(case, Wish("notice"))

    @router.message(private, command("tickets"))
    async def tickets(message: Message, case: Case) -> Outcome[Any]:
        return await matters.mine(case)

    @router.message(private, command("person"))
    async def person(message: Message, case: Case) -> Outcome[Any]:
        return people.call(case)

    @router.message(private, command("language", "zh", "en"))
    async def language(message: Message, case: Case) -> Outcome[Any]:
        wished = case.text.split("@")[0].strip("/")
        return menu.switch_language(case, wished if wished in ("zh", "en") else None)

    @router.message(private, _asks_for_language)
    async def speak(message: Message, case: Case) -> Outcome[Any]:
        return menu.switch_language(case, asked_for(case.text))

    return router


async def _asks_for_language(message: Message, case: Case) -> bool:
    return case.scene.conversation != "held" and asked_for(case.text) is not None


def _spoken_with() -> Router:
    """While a person has the conversation everything goes to them, commands and edits too; danger alone goes before."""
    router = Router(name="spoken with")

    @router.message(private, _with_a_person)
    async def keep(message: Message, case: Case) -> Outcome[Any]:
        return await _to_the_person(message, case)

    @router.edited_message(private, _wanted_or_with_a_person)
    async def edited(message: Message, case: Case) -> Outcome[Any]:
        ours = await case.front.storage.read(messages.ours, case.chat_id, message.message_id)
        return people.edited(case, ours) if ours is not None else say()

    return router


def _people() -> Router:
    router = Router(name="people")

    @router.message(private, _asks_for_person)
    async def call(message: Message, case: Case) -> Outcome[Any]:
        return people.call(case)

    @router.message(private, _waits_for_a_person)
    async def keep(message: Message, case: Case) -> Outcome[Any]:
        return await _to_the_person(message, case)

    return router


async def _to_the_person(message: Message, case: Case) -> Outcome[Any]:
    kept = await people.hear(case)
    if case.too_large:  # nobody will see it, and only they can do something about it
        return both(kept, say(Say(case.words("odd.too_large"))))
    point = message.location or (message.venue.location if message.venue else None)
    return both(kept, emergencies.whereabouts(case, point.latitude, point.longitude)) if point else kept


async def _asks_for_person(message: Message, case: Case) -> bool:
    return asks_for_person(case.text)


async def _with_a_person(message: Message, scene: Scene) -> bool:
    return scene.conversation == "held"


async def _waits_for_a_person(message: Message, scene: Scene) -> bool:
    return scene.conversation == "waiting"


async def _wanted_or_with_a_person(message: Message, scene: Scene) -> bool:
    return scene.conversation is not None
