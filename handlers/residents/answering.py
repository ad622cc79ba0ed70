"""What is said to a question: the cited answer, the best guesses, the right door; and what comes of its verdict.

It does not bluff: below the threshold nothing is answered as if it were known, and a person is always one press away.
"""

from __future__ import annotations

from typing import Any

from handlers.outcome import Button, Outcome, Rows, Say, do
from handlers.residents.case import Case
from handlers.residents.privacy import with_notice
from handlers.texts.catalogue import Texts
from knowledge import catalogue
from knowledge.answers import Answer
from knowledge.doors import door_for
from knowledge.faq import Entry
from knowledge.matcher import Guess
from knowledge.phrases import Label
from knowledge.text_talk import cut, shipped
from storage import answers
from storage.answers import Given

GUESSES = 3
NEXT_BEST = 3
BESIDES = 10
"""Characters of a text message that say who writes, and a line's end."""


def answer(case: Case, label: Label) -> Outcome[Any]:
    """A cited answer, kept with its version, and three buttons: helpful, not helpful, a person."""
    clauses = case.reading.clauses(label)
    found = case.front.answerer.known(case.text, clauses, case.scene.language, today=case.today, profile=case.profile)
    return told(case, found, score=case.reading.guesses[0].score) if found else unsure(case)


def answer_entry(case: Case, entry_id: str) -> Outcome[Any]:
    """The answer of one chosen entry."""
    found = case.front.answerer.by_id(entry_id, case.scene.language, today=case.today, profile=case.profile)
    return told(case, found, score=1.0) if found else unsure(case)


def told(case: Case, found: Answer, *, score: float, lead: str = "") -> Outcome[Any]:
    """Say it, keep that it was said in which version, and offer its three verdicts."""
    kept = do(
        answers.keep,
        chat_id=case.chat_id,
        question_id=case.incoming.message_id,
        entry=found.entry_id,
        clause=found.clause,
        version=found.version,
        score=score,
    )
    if case.scene.channel == "phone":
        return kept.saying(Say(_by_text(found)))
    text = f"{lead}{found.text}\n\n{found.source}"
    return kept.then(lambda answer_id: [Say(text, _verdicts(case, answer_id))])


def _by_text(found: Answer) -> str:
    """For a text message: as much as goes into it, and the clause (S, FAQ) whole."""
    clause = found.source.split(" · ")[0]
    return f"{cut(found.text, shipped().longest - len(clause) - BESIDES)}\n{clause}"


def _verdicts(case: Case, answer_id: int) -> Rows:
    words = case.words
    return (
        (Button(words("answer.helpful"), f"a:{answer_id}:y"), Button(words("answer.not_helpful"), f"a:{answer_id}:n")),
        (Button(words("answer.person"), f"a:{answer_id}:p"),),
    )


def nothing_known(case: Case, why: str = "unknown") -> Outcome[int]:
    """Keep that this was not answered, and in what way: it is the admin's to-do list."""
    return do(
        answers.keep,
        chat_id=case.chat_id,
        question_id=case.incoming.message_id,
        entry=None,
        clause=None,
        version=None,
        score=case.reading.guesses[0].score if case.reading.guesses else 0.0,
        why=why,
    )


def outside_words(words: Texts, asked: str) -> str:
    """What is said to a question that is not ours, with the door that fits where one is known."""
    door = door_for(asked)
    if door is None:
        return words("answer.outside")
    return words("answer.outside_door", name=door.name.get(words.language), number=door.number)


def decline(case: Case) -> Outcome[Any]:
    """Not ours: said kindly, with the door that fits where one is known, and a person all the same."""
    door, text = door_for(case.text), outside_words(case.words, case.text)
    call = [(Button(case.words("emergency.call", number=door.number), f"tel:{door.number}"),)] if door else []
    return nothing_known(case, "outside").then(
        lambda answer_id: [Say(text, (*call, (Button(case.words("answer.ask_staff"), f"a:{answer_id}:p"),)))]
    )


KNOWN_NOW = {"disclosure": "disclosure-places"}
"""Which entry tells what is known now about published lists."""


def offer_staff(case: Case, label: Label) -> Outcome[Any]:
    """Published lists: what we know now, with its source, and staff for the rest."""
    text, known = case.words(f"answer.{label.route}"), KNOWN_NOW.get(label.route, "")
    found = case.front.answerer.by_id(known, case.scene.language, today=case.today, profile=case.profile)
    if found is not None:
        text = f"{text}\n\n{found.text}\n\n{found.source}"
    data = f"g:{label.route}"
    return nothing_known(case).then(
        lambda answer_id: [Say(text, ((Button(case.words("answer.ask_staff"), f"a:{answer_id}:{data}"),),))]
    )


def unsure(case: Case) -> Outcome[Any]:
    """The best guesses as buttons, and a person."""
    guesses = _worth_offering(case)
    text, way_out = ("unsure", "none_of_these") if guesses else ("unknown", "ask_staff")

    def replies(answer_id: int) -> list[Say]:
        person = Button(case.words(f"answer.{way_out}"), f"a:{answer_id}:p")
        offered = [button for guess in guesses if (button := _guess(case, answer_id, guess))]
        return [Say(case.words(f"answer.{text}"), [*([button] for button in offered), [person]])]

    offered = nothing_known(case, "unsure" if guesses else "unknown").then(replies)
    return with_notice(case, offered)


def _worth_offering(case: Case) -> list[Guess]:
    return [guess for guess in case.reading.guesses if guess.label.route not in ("out_of_scope", "emergency")][:GUESSES]


def _guess(case: Case, answer_id: int, guess: Guess) -> Button | None:
    """None where nothing of this clause is answered (any more)."""
    label, language = guess.label, case.scene.language
    if label.route == "faq":
        entries = case.front.answerer.best_entries(case.text, {label.clause: 1.0} if label.clause else {}, 1)
        if not entries:
            return None
        entry = entries[0][0]
        return Button(entry.question.get(language), f"a:{answer_id}:f:{entry.id}")
    kind = catalogue.category(label.route, label.category)
    name = case.words(f"route.{label.route}") + (f" · {kind.name.get(language)}" if kind else "")
    return Button(name, f"a:{answer_id}:g:{label.route}:{label.category or ''}")


def judge(case: Case, answer_id: int, verdict: str) -> Outcome[bool]:
    return do(answers.judge, answer_id, chat_id=case.chat_id, verdict=verdict)


def sorry(case: Case, answer_id: int, given: Given, question: str) -> Say:
    """It was not that: kept for the admin, the next best of the same clause as buttons, and a person."""
    words, language = case.words, case.scene.language
    others = _next_best(case, given, question)
    rows: list[tuple[Button, ...]] = [
        (Button(entry.question.get(language), f"a:{answer_id}:f:{entry.id}"),) for entry in others
    ]
    text = words("answer.sorry_others" if others else "answer.sorry")
    return Say(text, (*rows, (Button(words("answer.ask_staff"), f"a:{answer_id}:p"),)))


def _next_best(case: Case, given: Given, question: str) -> list[Entry]:
    """Other entries of the clause, for the question; after a follow-up its few words say little, so the last one helps."""
    if given.entry is None or given.clause is None:
        return []
    was = case.front.answerer.entry(given.entry)
    asked = f"{question} {was.question.get('zh')}" if was and len(question) < SHORT else question
    found = case.front.answerer.best_entries(asked, {given.clause: 1.0}, NEXT_BEST + 1)
    return [entry for entry, _ in found if entry.id != given.entry][:NEXT_BEST]


SHORT = 8
