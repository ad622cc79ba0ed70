"""What an admin may change of a service category, and how it reads then: the shipped file with the edits laid over it.

Only fields stand here where a change is safe: words, who leads, whose duty it is, which questions are asked, whether the
community offers it at all. What danger is said stays as it ships. An edited category is read by the very code that reads
the file, so that nothing can stand here that could not stand there. Pure.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import yaml

from knowledge import catalogue, units
from knowledge.catalogue import OWNERS, Category
from knowledge.datafiles import DATA, LOADER, DataError, Field
from knowledge.notice import Words

ROUTE = "service_request"
FILE = DATA / "services.yaml"
LONGEST = {"name": 20, "covers": 80}
LONGEST_ELSE = 300
MOST_ASKED = 2
YES_NO = ("yes", "no")
DUTIES = ("ours", "assist", "redirect")
OFF_LINES = ("12345",)
OFF = Words(
    "这项服务本社区目前没有开办，请打 12345 问在哪里办。",
    "This community does not offer it at present; ring 12345 to ask where it is done.",
)
Kind = Literal["words", "owner", "duty", "flag"]
Edits = Mapping[str, Mapping[str, str]]
"""By the path of a field: its words in both languages, or a value under ``zh``."""


class BadEdit(ValueError):
    """A value that cannot stand: ``path`` is the field's, ``code`` has its words."""

    def __init__(self, path: str, code: str, value: str = "") -> None:
        super().__init__(f"{path}: {code}")
        self.path, self.code, self.value = path, code, value


@dataclass(frozen=True, slots=True)
class Part:
    """A field that may be changed: ``of`` are the keys its name is made of ("questions", "part", "prompt")."""

    path: str
    kind: Kind
    zh: str
    en: str = ""

    @property
    def of(self) -> tuple[str, ...]:
        return tuple(self.path.split("."))


# --- what there is ----------------------------------------------------------------------------------------------------
def parts(id: str) -> tuple[Part, ...]:
    """Every field of a shipped category that may be changed, as it ships, in the order of the dialogue."""
    return _parts()[id]


@cache
def _parts() -> Mapping[str, tuple[Part, ...]]:
    return {id: tuple(_of(kind)) for id, kind in catalogue.as_shipped(ROUTE).items()}


def _of(kind: Category) -> Iterator[Part]:
    yield Part("on", "flag", "yes")
    yield Part("off", "words", OFF.zh, OFF.en)
    yield _words("name", kind.name)
    yield _words("covers", kind.covers)
    yield Part("owner", "owner", kind.owner)
    yield Part("duty", "duty", kind.duty)
    yield _words("door", kind.door or Words("", ""))
    for question in kind.questions:
        begins = f"questions.{question.key}"
        yield _words(f"{begins}.prompt", question.prompt)
        yield Part(f"{begins}.ask", "flag", "yes" if question.ask else "no")
        for choice in question.choices:
            yield _words(f"{begins}.choices.{choice.value}", choice.label)
    for stopper in kind.stoppers:
        if stopper.then.danger is None and stopper.when != "danger":
            yield _words(f"stoppers.{stopper.when}", stopper.says)


def _words(path: str, said: Words) -> Part:
    return Part(path, "words", said.zh, said.en)


def standing(id: str, edits: Edits) -> list[Part]:
    """The fields with what was changed of them; an edit of what ships no more says nothing."""
    return [
        replace(part, zh=edits[part.path]["zh"], en=edits[part.path].get("en", "")) if part.path in edits else part
        for part in parts(id)
    ]


def differing(id: str, wanted: Mapping[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    """The edits that make the fields say this; what is as it ships is none."""
    return {
        part.path: {"zh": wanted[part.path][0], "en": wanted[part.path][1]}
        for part in parts(id)
        if part.path in wanted and wanted[part.path] != (part.zh, part.en)
    }


# --- how it reads then ------------------------------------------------------------------------------------------------
def edited(id: str, edits: Edits) -> Category:
    """The category as it stands with these edits. `BadEdit` for what cannot be."""
    known = {part.path: part for part in parts(id)}
    given = {path: said for path, said in edits.items() if path in known}
    for path, said in given.items():
        _check(known[path], said)
    try:
        found = catalogue.read_category(id, ROUTE, Field(FILE, _laid_over(id, given)))
    except DataError as error:
        raise BadEdit("", "not_valid", error.problem) from error
    _check_whole(id, found, given)
    if given.get("on", {}).get("zh") == "no":
        off = given.get("off", {"zh": OFF.zh, "en": OFF.en})
        return replace(found, duty="redirect", door=Words(off["zh"], off["en"]), lines=OFF_LINES, questions=())
    return found


def laid_over(
    standing: Mapping[str, Edits], left_out: Callable[[str, BadEdit], None] | None = None
) -> Mapping[str, Category]:
    """The whole catalogue with these edits; one that an upgrade has made impossible is left out, and told of."""
    found = dict(catalogue.as_shipped(ROUTE))
    for category in found.keys() & standing.keys():
        try:
            found[category] = edited(category, standing[category])
        except BadEdit as problem:
            if left_out is not None:
                left_out(category, problem)
    return found


def _check(part: Part, said: Mapping[str, str]) -> None:
    zh, en = said.get("zh", ""), said.get("en", "")
    allowed: Mapping[str, Sequence[str]] = {"owner": tuple(OWNERS), "duty": DUTIES, "flag": YES_NO}
    if part.kind != "words":
        if zh not in allowed[part.kind]:
            raise BadEdit(part.path, "no_choice", zh)
        return
    longest = LONGEST.get(part.path, LONGEST_ELSE)
    if part.path != "door" and not (zh.strip() and en.strip()):
        raise BadEdit(part.path, "both_languages")
    if len(zh) > longest or len(en) > longest * 3:
        raise BadEdit(part.path, "too_long", str(longest))
    if set("{}\n") & set(zh + en):
        raise BadEdit(part.path, "no_braces")


def _check_whole(id: str, found: Category, given: Edits) -> None:
    asked = sum(question.ask and question.after is None for question in found.questions)
    before = sum(question.ask and question.after is None for question in catalogue.as_shipped(ROUTE)[id].questions)
    if asked > max(MOST_ASKED, before):
        raise BadEdit("", "too_many_asked", str(MOST_ASKED))
    if {"owner", "duty"} & given.keys() and found.duty != "ours" and found.owner in units.shipped().community:
        raise BadEdit("owner" if "owner" in given else "duty", "not_ours")


def _laid_over(id: str, given: Edits) -> yaml.Node:
    node = copy.deepcopy(_nodes()[id])
    for path, said in given.items():
        if path in ("on", "off"):
            continue
        of = path.split(".")
        if of[0] == "questions":
            _lay_question(_item(_child(node, "questions"), "key", of[1]), of[2:], said)
        elif of[0] == "stoppers":
            _put_words(_item(_child(node, "stoppers"), "when", of[1]), said)
        elif path in ("owner", "duty"):
            _put(node, path, said["zh"])
        elif any(said.values()):
            _put_words(_child(node, path, make=True), said)
    return node


def _lay_question(question: yaml.Node, of: Sequence[str], said: Mapping[str, str]) -> None:
    if of[0] == "prompt":
        _put_words(_child(question, "prompt"), said)
    elif of[0] == "ask":
        _put(question, "ask", "true" if said["zh"] == "yes" else "false", tag="bool")
    else:
        _put_words(_item(_child(question, "choices"), "value", of[1]), said)


@cache
def _nodes() -> Mapping[str, yaml.Node]:
    root: Any = yaml.compose(FILE.read_text("utf-8"), Loader=LOADER)
    return {key.value: node for key, node in _child(root, "categories").value}


def _child(node: yaml.Node, key: str, *, make: bool = False) -> yaml.Node:
    for name, value in node.value:
        if name.value == key:
            return value  # type: ignore[no-any-return]
    assert make, key
    empty = yaml.MappingNode("tag:yaml.org,2002:map", [], node.start_mark, node.end_mark)
    node.value.append((_scalar(node, key), empty))
    return empty


def _item(listed: yaml.Node, key: str, value: str) -> yaml.Node:
    found: yaml.Node = next(item for item in listed.value if _child(item, key).value == value)
    return found


def _put_words(node: yaml.Node, said: Mapping[str, str]) -> None:
    for language in ("zh", "en"):
        _put(node, language, said[language])


def _put(node: yaml.Node, key: str, value: str, *, tag: str = "str") -> None:
    node.value = [(name, old) for name, old in node.value if name.value != key]
    node.value.append((_scalar(node, key), _scalar(node, value, tag=tag)))


def _scalar(near: yaml.Node, value: str, *, tag: str = "str") -> yaml.ScalarNode:
    return yaml.ScalarNode(f"tag:yaml.org,2002:{tag}", value, near.start_mark, near.end_mark)
