"""``python -m tests.pictures [zh|en]``: plays every journey and writes the contact sheets under ``docs/``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.pictures.sheet import contact_sheet
from tests.pictures.stage import Stage, load_journeys

ROOT = Path(__file__).parents[2]
LANGUAGES = ("zh", "en")


async def main(languages: list[str]) -> None:
    journeys = load_journeys()
    for language in languages:
        with tempfile.TemporaryDirectory() as folder:
            async with Stage(Path(folder), matcher=ROOT / "var" / "matcher", language=language) as stage:
                shots = [shot for journey in journeys for shot in await stage.play(journey)]
        contact_sheet(shots, ROOT / "docs" / f"screens-{language}.png")
        for shot in shots:
            if shot.keep and language == LANGUAGES[0]:
                (ROOT / "docs" / f"{shot.keep}.png").write_bytes(shot.png)
        print(f"docs/screens-{language}.png: {len(shots)} screens")  # noqa: T201 – a command's answer


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or list(LANGUAGES)))
