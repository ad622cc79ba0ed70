"""Stepping aside (回避, WO-24): whom a complaint is about, and who therefore must not see it.

Pure, and rather too careful than not careful enough: "小张" keeps every colleague called 张 away from the complaint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from knowledge.catalogue import Category
from knowledge.folding import fold
from knowledge.life import Role

UNITS: Mapping[str, frozenset[Role]] = MappingProxyType({
    "property_company": frozenset({Role.WORKER}),
    "housing_centre": frozenset({Role.WORKER}),
    "mediation": frozenset({Role.MEDIATOR}),
})  # fmt: skip
"""Which roles stand for an owner of the catalogue."""
ABOUT: Mapping[str, frozenset[Role]] = MappingProxyType({
    "property": frozenset({Role.WORKER}),
    "housing": frozenset({Role.WORKER}),
    "staff": frozenset({Role.OPERATOR, Role.WORKER, Role.MEDIATOR}),
    "building_head": frozenset({Role.WORKER}),
    "committee": frozenset({Role.OPERATOR, Role.WORKER, Role.MEDIATOR}),
})  # fmt: skip
"""Who steps aside by the answer to "whom is it about?"; the supervision committee and the admin are left to see it."""
_BY_DUTY: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.OPERATOR, re.compile(r"接线|值班员|热线(?:的人|人员)|客服|operator|hotline")),
    (Role.MEDIATOR, re.compile(r"调解员|调解室|mediator")),
    (
        Role.WORKER,
        re.compile(r"维修(?:师傅|工|班|人员)|物业|房管(?:员|中心)|网格员|经办人|保安|保洁|property (?:company|staff)"),
    ),
    (Role.SUPERVISOR, re.compile(r"监督(?:委员会|员)|supervis")),
    (Role.ADMIN, re.compile(r"管理员|书记|居委会主任|社区主任|\badmin")),
)
_TITLES = (
    r"某|姐|哥|师傅|师兄|主任|书记|老师|大姐|大哥|孃|嬢|阿姨|叔|工(?!作)|警官|经理|队长?|干部|组长|医生|护士|女士|先生|同志|"
    r"科长?|站长|管家|网格员|楼栋长|调解员"
)
_YOUNG_OLD = "小老阿"
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "夏侯", "令狐")
_PERSON = re.compile(r"[\u4e00-\u9fff]{2,4}")


def acts_as(role: str, kind: Category | None) -> str:
    """The role somebody handles a matter of this kind in: the supervision committee does with what is its own what the
    desk does with the rest, so that a complaint about the desk is not left to the desk."""
    theirs = kind is not None and kind.owner == "supervision_committee"
    return Role.OPERATOR.value if theirs and role == Role.SUPERVISOR else role


@dataclass(frozen=True, slots=True)
class Barred:
    """Who must not see a matter: everybody of these roles, and the staff of these names."""

    roles: frozenset[Role] = frozenset()
    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.roles or self.names)


def barred(kind: Category | None, about: str | None, words: str, staff: Iterable[str]) -> Barred:
    """Who steps aside from a matter of this kind, ``about`` somebody, told in these words. ``staff``: everybody's name."""
    if kind is None or not (about or kind.hidden_from):
        return Barred()
    roles = {role for owner in kind.hidden_from for role in UNITS.get(owner, frozenset())}
    if about is not None or kind.id == "petition":
        roles |= ABOUT.get(str(about), frozenset()) | named_duties(words)
    named = frozenset(name for name in staff if names(words, name))
    if named:
        roles |= ABOUT["staff"]  # somebody of the house: their desk steps aside as well
    return Barred(frozenset(roles), named)


def named_duties(words: str) -> set[Role]:
    """The roles spoken of by what they do."""
    plain = fold(words)
    return {role for role, pattern in _BY_DUTY if pattern.search(plain)}


def names(words: str, name: str) -> bool:
    """True when ``words`` may mean the colleague called ``name``: by the whole name, or by surname and title."""
    plain, whole = fold(words), fold(name)
    if whole and whole in plain:
        return True
    if not _PERSON.fullmatch(whole):
        return False
    surname = next((known for known in _COMPOUND if whole.startswith(known)), whole[0])
    return (
        re.search(rf"[{_YOUNG_OLD}]{surname}(?![\u4e00-\u9fff]{{0,1}}[区楼])|{surname}(?:{_TITLES})", plain) is not None
    )
