"""Pictures side by side, each under its caption, journey by journey."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

COLUMNS, WIDTH, GAP, CAPTION = 8, 270, 18, 44
PAPER, INK = "#e9ecef", "#212529"


@dataclass(frozen=True, slots=True)
class Shot:
    """One screen, as PNG, and what it shows; ``keep``: the name it is kept under by itself, too."""

    journey: str
    caption: str
    png: bytes
    keep: str | None = None


def contact_sheet(shots: Sequence[Shot], path: Path) -> None:
    """Write all of them as one PNG of few colours, small enough to be kept with the code."""
    pictures = [_small(shot) for shot in shots]
    height = max(picture.height for picture in pictures)
    rows = -(-len(pictures) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (WIDTH + GAP) + GAP, rows * (height + CAPTION + GAP) + GAP), PAPER)
    draw, font = ImageDraw.Draw(sheet), _font()
    for number, (shot, picture) in enumerate(zip(shots, pictures, strict=True)):
        left = GAP + number % COLUMNS * (WIDTH + GAP)
        top = GAP + number // COLUMNS * (height + CAPTION + GAP)
        draw.multiline_text((left, top), f"{shot.journey}\n{shot.caption}", fill=INK, font=font, spacing=4)
        sheet.paste(picture, (left, top + CAPTION))
    sheet.quantize(128).save(path, optimize=True)


def _small(shot: Shot) -> Image.Image:
    picture = Image.open(io.BytesIO(shot.png)).convert("RGB")
    return picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)


def _font() -> ImageFont.FreeTypeFont:
    """A font that has Chinese characters."""
    found = subprocess.run(
        ["fc-match", "--format=%{file}\n%{index}", "sans:lang=zh-cn"], capture_output=True, text=True, check=True
    )
    file, index = found.stdout.splitlines()
    return ImageFont.truetype(file, 14, index=int(index or 0))
