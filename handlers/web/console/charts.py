"""Charts drawn here, as SVG that needs no script: read aloud by their title and table, and told apart in black and white
by their filling - solid and hatched - not by colour. Sizes are in the page's own units, so that words stay readable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

HIGH, BELOW, ABOVE = 120, 22, 18
STEP, BAR = 74, 26
LEFT = 8


@dataclass(frozen=True, slots=True)
class Column:
    """One place on the time line, with its two numbers."""

    label: str
    first: int
    second: int


def columns(id: str, title: str, said: str, listed: Sequence[Column]) -> Markup:
    """Pairs of columns side by side; ``said`` is read where nothing is seen."""
    most = max([1, *(one.first for one in listed), *(one.second for one in listed)])
    width, height = LEFT * 2 + STEP * len(listed), ABOVE + HIGH + BELOW
    drawn = Markup().join(_pair(place, one, most, id) for place, one in enumerate(listed))
    ground = ABOVE + HIGH
    return Markup(
        '<svg class="chart" role="img" aria-labelledby="{id}-t {id}-d" viewBox="0 0 {w} {h}" width="{w}" height="{h}">'
        '<title id="{id}-t">{title}</title><desc id="{id}-d">{said}</desc>{hatch}'
        '<line class="ground" x1="0" x2="{w}" y1="{ground}" y2="{ground}"/>{drawn}</svg>'
    ).format(id=id, w=width, h=height, title=title, said=said, hatch=_hatch(id), ground=ground, drawn=drawn)


def _hatch(id: str) -> Markup:
    return Markup(
        '<defs><pattern id="{id}-h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="paper" width="6" height="6"/><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>'
    ).format(id=id)


def _pair(place: int, one: Column, most: int, id: str) -> Markup:
    left = LEFT + place * STEP + (STEP - 2 * BAR - 4) // 2
    middle = left + BAR + 2
    return Markup('{a}{b}<text class="below" x="{x}" y="{y}">{label}</text>').format(
        a=_column(left, one.first, most, "solid", ""),
        b=_column(left + BAR + 4, one.second, most, "hatched", f"url(#{id}-h)"),
        x=middle,
        y=ABOVE + HIGH + 15,
        label=one.label,
    )


def _column(left: int, number: int, most: int, name: str, fill: str) -> Markup:
    tall = round(HIGH * number / most)
    top = ABOVE + HIGH - tall
    filled = Markup(' fill="{}"').format(fill) if fill else ""
    return Markup(
        '<rect class="{name}"{filled} x="{x}" y="{y}" width="{w}" height="{h}"/>'
        '<text class="above" x="{m}" y="{t}">{n}</text>'
    ).format(name=name, filled=filled, x=left, y=top, w=BAR, h=tall, m=left + BAR // 2, t=top - 4, n=number)


def bar(part: float) -> Markup:
    """A line of a table as a bar, from nought to one; the number beside it says the same."""
    wide = max(0, min(100, round(part * 100)))
    return Markup(
        '<svg class="bar-of" aria-hidden="true" viewBox="0 0 100 8" preserveAspectRatio="none">'
        '<rect class="rail" width="100" height="8"/><rect class="solid" width="{}" height="8"/></svg>'
    ).format(escape(wide))
