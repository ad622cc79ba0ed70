"""The privacy notice: short, before anything is kept for somebody; refusing it still gets answers (PI-02, PI-03).

A sensitive matter is asked about separately, each time (PI-06): ``hold_sensitive`` in front of whatever files it.
"""

from __future__ import annotations

import re
from typing import Any

from handlers.outcome import Button, Outcome, Rows, Say, both, do, say
from handlers.residents.case import Case
from knowledge import catalogue, retention
from knowledge.forms import Answers
from knowledge.privacy import filled, privacy_notice
from storage import drafts, residents
from storage.chats import Draft
from storage.transaction import Tx

PAGE = "/privacy"
AGREED = re.compile(
    r"(?:我)?(?:单独)?(?P<no>不)?同意[了吧嘛的。.!！\s]*|(?:i )?(?P<not>do not |don't |dis)?agree[.!\s]*", re.I
)
SEPARATELY = "separate_consent"
"""Among a draft's answers: the version under which its sensitive matter was agreed to."""


def choices(case: Case) -> Rows:
    words = case.words
    return ((Button(words("privacy.agree"), "c:y"), Button(words("privacy.refuse"), "c:n")), (full(case),))


def full(case: Case) -> Button:
    """The way to the whole notice: a page where one can be opened, else its words in the chat."""
    public = case.front.public_url.rstrip("/")
    if case.scene.channel == "web":
        return Button(case.words("privacy.full"), f"{PAGE}?lang={case.scene.language}")
    reachable = public.startswith("https://") and len(public) < 40
    return Button(case.words("privacy.full"), f"{public}{PAGE}?lang={case.scene.language}" if reachable else "c:full")


def whole(case: Case) -> Outcome[Any]:
    """The whole notice in the chat."""
    notice, language, profile = privacy_notice(), case.scene.language, case.profile
    parts = [case.words("privacy.title", version=notice.version)]
    for section in notice.sections:
        parts.append(f"【{section.title.get(language)}】\n{filled(section.text, profile, language).strip()}")
    kept = [
        f"· {rule.name.get(language)}：{retention.span(rule.keep.days, language)}"
        for rule in retention.rules().values()
    ]
    parts.append("\n".join([f"【{case.words('privacy.how_long')}】", *kept]))
    return say(Say("\n\n".join(parts)))


def with_notice(case: Case, outcome: Outcome[Any]) -> Outcome[Any]:
    """The outcome, and behind it the notice to somebody who has not seen this version yet; never after a refusal."""
    notice = privacy_notice()
    if case.scene.channel == "phone":
        return outcome  # a text has no room for it; consent is asked before anything is filed
    if case.scene.noticed_version == notice.version or case.scene.consent != "unasked":
        return outcome
    short = notice.short.get(case.scene.language).strip()
    text = f"{case.words('privacy.changed')}\n{short}" if case.scene.noticed_version else short
    noticed = do(residents.mark_noticed, chat_id=case.chat_id, version=notice.version)
    return both(outcome, noticed.saying(Say(text, choices(case))))


def ask(case: Case) -> Say:
    """Consent is needed for what comes next."""
    if case.scene.channel == "phone":
        return Say(case.words("text.consent"), choices(case)[:1])
    return Say(privacy_notice().needed.get(case.scene.language).strip(), choices(case))


def said(text: str) -> bool | None:
    """Yes or no to being asked, when the whole message is that."""
    found = AGREED.fullmatch(text)
    return None if found is None else not (found["no"] or found["not"])


def simply(case: Case) -> Say:
    """What is asked for, in simpler words, with the same buttons."""
    return Say(case.words("privacy.simply"), choices(case))


def answered(case: Case, *, agreed: bool) -> Outcome[Any]:
    """Keep the answer; a refusal also drops what was waiting for it."""
    kept = do(_answer, case, "given" if agreed else "refused")
    if agreed:
        return kept
    return both(kept, _dropped(case)).saying(Say(case.words("privacy.refused")))


def withdrawn(case: Case) -> Outcome[Any]:
    """Consent taken back, in words, at any time: as easy as giving it. What is in hand is not thrown away unasked."""
    if case.scene.consent != "given":
        return both(do(_answer, case, "refused"), _dropped(case)).saying(Say(case.words("privacy.nothing_given")))
    words = case.words
    rows = ((Button(words("mine.title"), "o:see"), Button(words("mine.delete"), "o:delete")),)
    kept = both(do(_answer, case, "withdrawn"), _dropped(case))
    return kept.saying(Say(words("privacy.withdrawn"), rows))


def _answer(tx: Tx, case: Case, answer: str) -> None:
    residents.consent(tx, chat_id=case.chat_id, version=privacy_notice().version, answer=answer)


def _dropped(case: Case) -> Outcome[int]:
    return do(drafts.close_current, chat_id=case.chat_id, state="cancelled")


# --- sensitive matters ------------------------------------------------------------------------------------------------
def hold_sensitive(case: Case, draft: Draft) -> Outcome[Any] | None:
    """The separate question before a sensitive matter is filed; None where there is nothing (more) to ask."""
    kind = catalogue.category(draft.answers["route"], draft.answers.get("category"))
    notice, language = privacy_notice(), case.scene.language
    kinds = notice.sensitive_in(kind.id) if kind else None
    if kind is None or kinds is None or draft.answers.get(SEPARATELY) == notice.version:
        return None
    mark = f"cs:{draft.id}:{draft.revision}"
    if case.scene.channel == "phone":
        asked = case.words("text.consent_sensitive", kinds=kinds.get(language))
        return say(Say(asked, _separate_choices(case, mark)))
    rule = retention.rules()["disputes" if draft.form == "dispute" else "cases"]
    text = notice.sensitive.get(language).format(
        category=kind.name.get(language),
        kinds=kinds.get(language),
        keep=case.words("privacy.after_closing", span=retention.span(rule.keep.days, language)),
    )
    return say(Say(text.strip(), _separate_choices(case, mark)))


def _separate_choices(case: Case, mark: str) -> Rows:
    words = case.words
    return ((Button(words("privacy.agree_separately"), f"{mark}:y"), Button(words("privacy.refuse"), f"{mark}:n")),)


def agreed_separately(case: Case, draft: Draft) -> tuple[Outcome[Any], Answers]:
    """Keep the separate consent, and the draft's answers that say so."""
    answers = draft.answers | {SEPARATELY: privacy_notice().version}
    return both(_separately(case, draft, "given"), do(drafts.set_answers, draft.id, answers=answers)), answers


def refused_separately(case: Case, draft: Draft) -> Outcome[Any]:
    """Nothing is filed, and everything else works on."""
    return both(_separately(case, draft, "refused"), _dropped(case)).saying(Say(case.words("privacy.not_filed")))


def _separately(case: Case, draft: Draft, answer: str) -> Outcome[None]:
    return do(
        residents.consent_separately,
        chat_id=case.chat_id,
        about=str(draft.answers.get("category") or draft.form),
        version=privacy_notice().version,
        answer=answer,
    )
