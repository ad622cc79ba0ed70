"""Looks into a file that is to be published, away from the event loop; a PDF in a process of its own, which is ended."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE

from knowledge import disclosure_files
from knowledge.disclosure_files import Looked
from knowledge.pdf_words import Pdf

PATIENCE = 60.0
"""Seconds; what still reads then is given up as too long."""
AT_ONCE = 1
READ_ONE = (sys.executable, "-m", "knowledge.pdf_reader")


class PaperDesk:
    """One file at a time; the others wait."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._turns, self._patience = asyncio.Semaphore(AT_ONCE), patience

    async def look(self, name: str, content: bytes) -> Looked:
        async with self._turns:
            pdf = await self._words(content) if disclosure_files.is_pdf(content) else None
            return await asyncio.to_thread(disclosure_files.look, name, content, pdf)

    async def _words(self, content: bytes) -> Pdf:
        reading = await asyncio.create_subprocess_exec(*READ_ONE, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        try:
            said, _ = await asyncio.wait_for(reading.communicate(content), self._patience)
            found = json.loads(said)
            return Pdf(**found | {"blank": tuple(found["blank"])})
        except (TimeoutError, ValueError):  # it ran out of time, or the system ended it
            return Pdf(trouble="long")
        finally:
            if reading.returncode is None:
                reading.kill()
                await reading.wait()
