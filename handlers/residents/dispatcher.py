"""The dispatcher for both channels: who is this? → danger? → button → command → a person → open form → the matcher."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Dispatcher, F, Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, TelegramObject, Update

from handlers.incoming import Incoming
from handlers.outcome import Outcome, Say, both, do, say
from handlers.residents import (
    appointments,
    asking,
    buttons,
    course,
    delegates,
    emergencies,
    following,
    forms_open,
    guardians,
    hearts,
    matters,
    mediating,
    menu,
    objecting,
    occasions,
    odd,
    own,
    people,
    secrets,
    volunteer_talk,
    wants,
)
from handlers.residents.case import Case, FrontDesk, written
from handlers.residents.occasion_meant import Concern, concern
from handlers.staff.routers import at_work
from knowledge import forms, pass_codes
from knowledge.calling import asks_for_person
from knowledge.danger import WEIGHED, Danger
from knowledge.languages import asked_for
from knowledge.own_data import Wish, wish
from knowledge.private_data import without_secrets
from knowledge.subscribing import NoticeWish, notice_wish
from storage import group_home, messages, residents, sending
from storage.chats import Scene
from storage.disclosure import Item

SHORTCUTS = {
    "tickets": re.compile(r"我的工单|查工单|我的报修|my requests", re.I),
    "request": re.compile(r"报修|我要报修|反映问题|report a problem", re.I),
    "policy": re.compile(r"问政策|政策咨询|ask about policy", re.I),
}
"""The words on the chat page's chips and the menu, typed or tapped."""


LEANINGS = ("model", WEIGHED)
"""What a danger is called that no rule is sure of."""
GREETING = re.compile(
    r"(?:hello|hi|hey|good (?:morning|afternoon|evening)|你们?好|您好|喂|在吗|在不在|嗨|哈喽)[\s.。!！?？~～]*", re.I
)
"""Plain greetings, which need no understanding."""


def build_dispatcher(front: FrontDesk) -> Dispatcher:
    """One dispatcher; the same handlers for Telegram and the chat page."""
    dispatcher = Dispatcher(disable_fsm=True, front=front)
    dispatcher.update.outer_middleware(_with_its_case)
    dispatcher.include_routers(
        at_work(), _danger(), _presses(), _spoken_with(), _commands(), _people(), _appointments(), _course()
    )
    dispatcher.include_routers(_wordless(), _published(), _own(), _mediation(), _occasions(), _volunteers())
    dispatcher.include_routers(_forms(), _rest(), _others())
    return dispatcher


Next = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


async def _with_its_case(handler: Next, update: TelegramObject, data: dict[str, Any]) -> Any:
    assert isinstance(update, Update)
    message = update.message or update.edited_message or update.callback_query
    said = written(message) if message else ""
    case = Case(data["front"], data["incoming"], without_secrets(said))
    data["case"], switched = _in_their_language(case) if update.message else (case, None)
    outcome = await handler(update, data)
    if not isinstance(outcome, Outcome):
        return outcome
    if message is not None and case.scene.left_at is not None:
        outcome = both(do(residents.came_back, chat_id=case.chat_id), outcome)
    private = case.scene.kind == "private"
    outcome = secrets.warned(data["case"], outcome) if case.text != said and private else outcome
    return both(outcome, switched) if switched else outcome


def _in_their_language(case: Case) -> tuple[Case, Outcome[Any] | None]:
    """Answered as they write; while a person has the conversation, and in danger, the bot has no word about that."""
    if case.scene.kind != "private" or case.is_command or case.scene.conversation is not None:
        return case, None
    followed, switched = menu.follow_language(case)
    return followed, None if switched is None or case.reading.danger else switched


async def _private(event: TelegramObject, incoming: Incoming) -> bool:
    """Like every filter of ours a coroutine: aiogram sends plain functions to another thread, ten times a message."""
    return incoming.scene.kind == "private"


def _danger() -> Router:
    router = Router(name="danger")

    @router.message(_private, _in_danger)
    async def respond(message: Message, case: Case, danger: Danger) -> Outcome[Any]:
        return emergencies.respond(case, danger)

    @router.edited_message(_private, _in_danger)
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

    @router.callback_query(_private)
    async def press(query: CallbackQuery, case: Case) -> Outcome[Any]:
        return await buttons.press(case, query.data or "")

    return router


def _commands() -> Router:
    router = Router(name="commands")

    @router.message(_private, _command("start", "help", "menu"))
    async def start(message: Message, case: Case) -> Outcome[Any]:
        card = hearts.code_in(case.text)
        return hearts.arrive(case, card) if card else menu.start(case)

    @router.message(_private, _command("mydata"))
    async def my_data(message: Message, case: Case) -> Outcome[Any]:
        return await own.hear(case, Wish("see"))

    @router.message(_private, _command("privacy"))
    async def notice(message: Message, case: Case) -> Outcome[Any]:
        return await own.hear(case, Wish("notice"))

    @router.message(_private, _command("tickets"))
    async def tickets(message: Message, case: Case) -> Outcome[Any]:
        return await matters.mine(case)

    @router.message(_private, _command("person"))
    async def person(message: Message, case: Case) -> Outcome[Any]:
        return people.call(case)

    @router.message(_private, _command("language", "zh", "en"))
    async def language(message: Message, case: Case) -> Outcome[Any]:
        wished = case.text.split("@")[0].strip("/")
        return menu.switch_language(case, wished if wished in ("zh", "en") else None)

    @router.message(_private, _asks_for_language)
    async def speak(message: Message, case: Case) -> Outcome[Any]:
        return menu.switch_language(case, asked_for(case.text))

    return router


async def _asks_for_language(message: Message, case: Case) -> bool:
    return case.scene.conversation != "held" and asked_for(case.text) is not None


def _command(*names: str) -> Callable[[Message, Case], Awaitable[bool]]:
    async def matches(message: Message, case: Case) -> bool:
        first = case.text.split(maxsplit=1)[0] if case.text else ""
        return first.startswith("/") and first[1:].split("@")[0].lower() in names

    return matches


def _people() -> Router:
    router = Router(name="people")

    @router.message(_private, _asks_for_person)
    async def call(message: Message, case: Case) -> Outcome[Any]:
        return people.call(case)

    @router.message(_private, _waits_for_a_person)
    async def keep(message: Message, case: Case) -> Outcome[Any]:
        return await _to_the_person(message, case)

    return router


def _spoken_with() -> Router:
    """While a person has the conversation everything goes to them, commands and edits too; danger alone goes before."""
    router = Router(name="spoken with")

    @router.message(_private, _with_a_person)
    async def keep(message: Message, case: Case) -> Outcome[Any]:
        return await _to_the_person(message, case)

    @router.edited_message(_private, _wanted_or_with_a_person)
    async def edited(message: Message, case: Case) -> Outcome[Any]:
        ours = await case.front.storage.read(messages.ours, case.chat_id, message.message_id)
        return people.edited(case, ours) if ours is not None else say()

    return router


async def _to_the_person(message: Message, case: Case) -> Outcome[Any]:
    kept = await people.hear(case)
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


def _appointments() -> Router:
    router = Router(name="appointments")

    @router.message(_private, _about_an_appointment)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        return appointments.hear(case)

    return router


async def _about_an_appointment(message: Message, case: Case) -> bool:
    return appointments.concerns(case)


def _course() -> Router:
    """Answers in words to what was asked in a mediation."""
    router = Router(name="course of a mediation")

    @router.message(_private, _answers_what_was_asked)
    async def hear(message: Message, case: Case, asked: tuple[int, str]) -> Outcome[Any]:
        return course.hear(case, *asked)

    @router.message(_private, _wants_to_hear_again)
    async def tell_again(message: Message, case: Case, wish: str) -> Outcome[Any]:
        return course.tell_again(case, wish)

    return router


async def _wants_to_hear_again(message: Message, case: Case) -> dict[str, str] | bool:
    found = await course.wish_meant(case)
    return {"wish": found} if found else False


async def _answers_what_was_asked(message: Message, case: Case) -> dict[str, tuple[int, str]] | bool:
    found = await course.answer_meant(case)
    return {"asked": found} if found else False


def _wordless() -> Router:
    router = Router(name="wordless")

    @router.message(_private, _is_wordless)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        return await odd.hear(case, message)

    return router


async def _is_wordless(message: Message, case: Case) -> bool:
    """No words at all; or words under a photo, while a form that takes photos is open."""
    return not case.text or (bool(case.blobs) and case.scene.draft is not None and case.scene.draft.state == "open")


def _published() -> Router:
    """What is said about an item on the screen, and which notices are wanted; a form that is open goes before."""
    router = Router(name="published")

    @router.message(_private, _about_notices)
    async def wish_notices(message: Message, case: Case, wished_notices: NoticeWish) -> Outcome[Any]:
        return await wants.hear(case, wished_notices)

    @router.message(_private, _about_what_is_shown)
    async def go_on(message: Message, case: Case, shown: Item) -> Outcome[Any]:
        return objecting.offer(case, shown)

    return router


async def _about_notices(message: Message, case: Case) -> dict[str, NoticeWish] | bool:
    draft = case.scene.draft
    if draft is not None and draft.state == "open" and draft.form != wants.FORM:
        return False
    wished = notice_wish(case.text)
    return {"wished_notices": wished} if wished else False


async def _about_what_is_shown(message: Message, case: Case) -> dict[str, Item] | bool:
    shown = await objecting.about_shown(case) if case.scene.draft is None else None
    return {"shown": shown} if shown else False


def _own() -> Router:
    router = Router(name="own data")

    @router.message(_private, _has_pass_code)
    async def use_code(message: Message, case: Case, code: str) -> Outcome[Any]:
        return await guardians.for_code(case, code) or delegates.use_code(case, code)

    @router.message(_private, _about_own_data)
    async def hear(message: Message, case: Case, wished: Wish) -> Outcome[Any]:
        outcome, draft = await own.hear(case, wished), case.scene.draft
        waits = draft is not None and draft.form in forms.FORMS and wished.kind in ("see", "notice")
        return both(outcome, forms_open.remind(case, draft)) if draft and waits else outcome

    return router


async def _has_pass_code(message: Message, case: Case) -> dict[str, str] | bool:
    """A code read out by the old phone or by a family member; beside a ticket number it is that ticket's."""
    code = None if following.names_a_ticket(case.text) else pass_codes.find(case.text)
    return {"code": code} if code else False


async def _about_own_data(message: Message, case: Case) -> dict[str, Wish] | bool:
    """ "退出" in a form is an order to the form."""
    if case.scene.draft is not None and forms.command(case.text) is not None:
        return False
    wished = wish(case.text)
    if wished is None or (wished.kind == "correct" and _fills_in(case.scene)):
        return False
    return {"wished": wished}


def _fills_in(scene: Scene) -> bool:
    """What is put right while a form is open is put right in the form."""
    return scene.draft is not None and scene.draft.form in forms.FORMS


def _occasions() -> Router:
    router = Router(name="occasions")

    @router.message(_private, _about_an_occasion)
    async def hear(message: Message, case: Case, wanted: Concern) -> Outcome[Any]:
        outcome, draft = await occasions.hear(case, wanted), case.scene.draft
        waits = draft is not None and draft.form in forms.FORMS and draft.state == "open"
        return both(outcome, forms_open.remind(case, draft)) if draft and waits else outcome

    return router


def _mediation() -> Router:
    router = Router(name="mediation")

    @router.message(_private, _about_mediation)
    async def hear(message: Message, outcome: Outcome[Any]) -> Outcome[Any]:
        return outcome

    return router


def _volunteers() -> Router:
    router = Router(name="volunteers")

    @router.message(_private, _about_volunteering)
    async def hear(message: Message, case: Case, volunteering: volunteer_talk.Wanted) -> Outcome[Any]:
        outcome, draft = await volunteer_talk.hear(case, volunteering), case.scene.draft
        waits = draft is not None and draft.form in forms.FORMS and draft.state == "open"
        return both(outcome, forms_open.remind(case, draft)) if draft and waits else outcome

    return router


async def _about_an_occasion(message: Message, case: Case) -> dict[str, Any] | bool:
    """Words that plainly answer an open form's question are its answer."""
    draft = case.scene.draft
    if draft is not None and (forms.command(case.text) is not None or forms_open.is_an_answer(case, draft)):
        return False
    wanted = await concern(case)
    return {"wanted": wanted} if wanted is not None else False


async def _about_volunteering(message: Message, case: Case) -> dict[str, volunteer_talk.Wanted] | bool:
    wanted = await volunteer_talk.concern(case)
    return {"volunteering": wanted} if wanted is not None else False


async def _about_mediation(message: Message, case: Case) -> dict[str, Any] | bool:
    """A sure wish about one's own mediation: heard where there is one."""
    outcome = await mediating.ordered(case)
    return {"outcome": outcome} if outcome is not None else False


def _forms() -> Router:
    router = Router(name="forms")

    @router.message(_private, _form_is_open)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        assert case.scene.draft is not None
        return await forms_open.hear(case, case.scene.draft)

    return router


async def _form_is_open(message: Message, scene: Scene) -> bool:
    return scene.draft is not None


def _rest() -> Router:
    router = Router(name="asking")

    @router.message(_private)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        for choice, pattern in SHORTCUTS.items():
            if pattern.fullmatch(case.text):
                return await buttons.choose(case, choice)
        if GREETING.fullmatch(case.text):
            return menu.greet(case)
        return await asking.hear(case)

    return router


def _others() -> Router:
    router = Router(name="others")

    @router.edited_message(_private)
    async def edited(message: Message, case: Case) -> Outcome[Any]:
        ours = await case.front.storage.read(messages.ours, case.chat_id, message.message_id)
        return await odd.edited(case, ours)

    @router.my_chat_member(F.chat.type == "private")
    async def membership(change: ChatMemberUpdated, case: Case) -> Outcome[Any]:
        gone = change.new_chat_member.status == ChatMemberStatus.KICKED
        return do(sending.blocked, case.chat_id, at=case.now if gone else None)

    @router.my_chat_member(F.chat.type.in_({"group", "supergroup"}))
    async def standing(change: ChatMemberUpdated, case: Case) -> Outcome[Any]:
        return do(group_home.look_again)

    @router.message(F.chat.type.in_({"group", "supergroup"}), F.text.startswith("/"))
    async def group(message: Message, case: Case) -> Outcome[Any]:
        if case.text.split("@")[0].strip().lower() == "/id":
            return say(Say(case.words("in_group.number", number=message.chat.id)))
        return say() if case.scene.kind == "staff" else say(Say(case.words("odd.group")))

    return router
