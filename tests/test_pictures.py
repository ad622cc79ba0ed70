"""The script of the contact sheet can be played: every word of it exists in both languages."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from handlers.texts.catalogue import LANGUAGES, load_catalogue
from tests.pictures.sheet import Shot, contact_sheet
from tests.pictures.stage import load_journeys

SPOKEN = {"say", "press", "shot"}


def test_every_step_has_its_words_in_both_languages() -> None:
    texts = load_catalogue()
    for journey in load_journeys():
        assert set(journey["journey"]) == set(LANGUAGES)
        for step in journey["steps"]:
            [(kind, what)] = step.items()
            if kind in SPOKEN and isinstance(what, dict):
                assert set(what) == set(LANGUAGES), step
            elif kind == "press":
                assert all(texts[language].has(what) for language in LANGUAGES), step


def test_pictures_stand_side_by_side(tmp_path: Path) -> None:
    made = io.BytesIO()
    Image.new("RGB", (360, 740), "teal").save(made, "PNG")
    contact_sheet([Shot("1", "一", made.getvalue())] * 9, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > sheet.height > sheet.width / 3, "eight in a row, and one below"
