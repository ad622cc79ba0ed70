"""How well messages were understood, by route and by voice, and what is taken for what: as text and as a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.phrases import Label, name_of

WORST = 12
CELL, LEFT, TOP, GAP = 54, 130, 130, 24
PAPER, INK, RIGHT, WRONG = "#ffffff", "#1c2b2a", (11, 107, 94), (200, 60, 40)


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled message: what it is, how it sounds, and what it was taken for, best first."""

    wanted: Label
    voice: str
    guesses: tuple[Label, ...]

    @property
    def right(self) -> bool:
        return self.guesses[0] == self.wanted

    @property
    def right_route(self) -> bool:
        return self.guesses[0].route == self.wanted.route

    @property
    def among_three(self) -> bool:
        return self.wanted in self.guesses[:3]


Test = Callable[[Judged], bool]
COLUMNS: tuple[tuple[str, Test], ...] = (
    ("route", lambda one: one.right_route),
    ("whole", lambda one: one.right),
    ("in 3", lambda one: one.among_three),
)


def text(judged: Sequence[Judged]) -> Iterator[str]:
    """The report, a line each: shares in per cent."""
    if not judged:
        yield "there is nothing to judge"
        return
    yield f"{'':28}{'messages':>9}" + "".join(f"{name:>8}" for name, _ in COLUMNS)
    yield _row("all", judged)
    yield from _declining(judged)
    for title, key in (("by route", lambda one: one.wanted.route), ("by voice", lambda one: one.voice)):
        yield ""
        yield f"{title}, the worst first"
        yield from _grouped(judged, key)
    yield ""
    yield "taken for something else most often"
    pairs = Counter((name_of(one.wanted), name_of(one.guesses[0])) for one in judged if not one.right)
    yield from (f"{count:4d}  {wanted} → {got}" for (wanted, got), count in pairs.most_common(WORST))


def _row(name: str, judged: Sequence[Judged]) -> str:
    shares = "".join(f"{100 * sum(map(test, judged)) / len(judged):8.1f}" for _, test in COLUMNS)
    return f"{name:28}{len(judged):9d}{shares}"


def _grouped(judged: Sequence[Judged], key: Callable[[Judged], str]) -> list[str]:
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(key(one), []).append(one)
    worst = sorted(groups, key=lambda name: sum(one.right for one in groups[name]) / len(groups[name]))
    return [_row(name, groups[name]) for name in worst]


def _declining(judged: Sequence[Judged]) -> Iterator[str]:
    for route, found, other in (
        ("emergency", "emergencies recognised", "false alarms"),
        ("out_of_scope", "out of scope declined", "in scope wrongly declined"),
    ):
        inside = [one for one in judged if one.wanted.route == route]
        outside = [one for one in judged if one.wanted.route != route]
        for name, group in ((found, inside), (other, outside)):
            hits = sum(one.guesses[0].route == route for one in group)
            share = f"{100 * hits / len(group):8.1f}" if group else "       -"
            yield f"{name:28}{len(group):9d}{share}"


def draw(judged: Sequence[Judged], file: Path) -> None:
    """A PNG: a row for each route as labelled, a column for each as understood; a cell's depth is its share of the row."""
    from PIL import Image, ImageDraw, ImageFont

    routes = sorted({one.wanted.route for one in judged} | {one.guesses[0].route for one in judged})
    counts = Counter((one.wanted.route, one.guesses[0].route) for one in judged)
    side = CELL * len(routes)
    image = Image.new("RGB", (LEFT + side + GAP, TOP + side + GAP), PAPER)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    for row, wanted in enumerate(routes):
        total = sum(counts[wanted, got] for got in routes) or 1
        pen.text((8, TOP + row * CELL + CELL // 2 - 8), wanted, INK, font)
        for column, got in enumerate(routes):
            corner = (LEFT + column * CELL, TOP + row * CELL)
            count = counts[wanted, got]
            fill = _mixed(RIGHT if wanted == got else WRONG, count / total)
            pen.rectangle((*corner, corner[0] + CELL - 2, corner[1] + CELL - 2), fill)
            if count:
                pen.text((corner[0] + 10, corner[1] + CELL // 2 - 8), str(count), _ink_on(count / total), font)
    for column, got in enumerate(routes):
        name = Image.new("RGB", (TOP, CELL), PAPER)
        ImageDraw.Draw(name).text((6, CELL // 2 - 8), got, INK, font)
        image.paste(name.rotate(90, expand=True), (LEFT + column * CELL, 0))
    image.save(file, "PNG")


def _mixed(colour: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    depth = 0.04 + 0.96 * share if share else 0.02
    red, green, blue = (round(255 - (255 - part) * depth) for part in colour)
    return red, green, blue


def _ink_on(share: float) -> str:
    return PAPER if share > 0.5 else INK
