"""Pages from templates, with local files whose address changes when they do."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from handlers.web.words import Words

HERE = Path(__file__).parent
STATIC = HERE / "static"
TEMPLATES = HERE / "templates"


TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def readable(value: Any) -> Any:
    """What a template says, without the signs that turn its reading direction: in a name or a file's name they would make
    the words after it lie ("gnp.exe")."""
    if isinstance(value, str) and TURNS.search(value):
        return type(value)(TURNS.sub("", value))
    return value


class Pages:
    def show(self, template: str, /, *, status: int = 200, **values: Any) -> Response:
        return HTMLResponse(_templates().get_template(template).render(values), status)

    def error(self, *, language: str, status: int, message: str, words: Words) -> Response:
        own = words.section(language, "start")
        return self.show("error.html", status=status, number=status, language=language, message=message, words=own)


def address(name: str) -> str:
    """The address of a file in static/; KeyError when there is none."""
    return f"/static/{name}?v={_versions()[name]}"


def environment() -> Environment:
    """As every page of ours is made: what is shown is escaped, and nothing unknown is shown as nothing."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=readable,
    )


@cache
def _templates() -> Environment:
    """One for all apps: a template is translated once, and holds nothing of the app that shows it."""
    templates = environment()
    templates.globals["static"] = address
    return templates


@cache
def _versions() -> dict[str, str]:
    return versions(STATIC)


def versions(folder: Path) -> dict[str, str]:
    """Of each file in it a word that changes with what is in the file."""
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:10] for path in files}
