"""What newcomers read is true: every setting, command and address is there, and nothing that is not."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import typer

from bot.cli import app
from bot.settings import PREFIX, Settings
from storage.engine import Storage
from storage.staff import ROLES
from tests.web_service import app_of, web_parts

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
GUIDE = (ROOT / "docs" / "使用指南.md").read_text("utf-8")
DOCUMENTS = {ROOT / "README.md": README, ROOT / "docs" / "使用指南.md": GUIDE}
SETTINGS = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#]+?)(?:#[^)]*)?\)")
COMMAND = re.compile(r"lianxin ((?:[a-z]+ ?){1,2})")


def commands() -> list[str]:
    """Every command, as it is typed."""
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    found = []
    for name, command in group.commands.items():
        inner = command.commands if isinstance(command, typer.core.TyperGroup) else {}
        found += [f"{name} {each}" for each in inner] or [name]
    return found


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_explained(name: str) -> None:
    assert f"| `{name}` |" in README
    assert name in (ROOT / ".env.example").read_text("utf-8")


def test_no_setting_is_explained_that_there_is_not() -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z_]+", README + GUIDE + (ROOT / ".env.example").read_text("utf-8")))
    assert named <= set(SETTINGS)


@pytest.mark.parametrize("command", commands())
def test_every_command_is_explained(command: str) -> None:
    assert re.search(rf"`{command}\b", README), command


def test_no_command_is_explained_that_there_is_not() -> None:
    known = commands()
    for text in DOCUMENTS.values():
        for typed in COMMAND.findall(text):
            words = typed.split()
            assert any(command.split()[: len(words)] == words or command == words[0] for command in known), typed


async def test_every_address_is_in_the_readme(storage: Storage) -> None:
    schema = app_of(web_parts(storage)).openapi()
    for path in [*schema["paths"], "/", "/chat", "/console", "/docs", "/openapi.json"]:
        assert f"`{path}`" in README, path


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in LINK.findall(DOCUMENTS[document]):
        assert (document.parent / target).exists(), target


def test_every_role_is_in_the_guide() -> None:
    assert [role for role in ROLES if f"`{role}`" not in GUIDE] == []


def test_every_target_of_make_that_is_named_exists() -> None:
    rules = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`?make ([a-z]+)`?", README + GUIDE)):
        assert re.search(rf"^{target}:", rules, re.M), target


def test_the_version_is_in_the_changelog() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert version is not None
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_nothing_names_a_machine_or_carries_an_address_where_none_belongs() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    for name in filter(lambda name: name.endswith(".lock"), listed):
        assert "://" not in (ROOT / name).read_text("utf-8"), name
