"""The commands an operator types: each does what it says, or says in one line why not; none ends in a traceback."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bot.classifying import run as run_classify
from bot.cli import run
from bot.database import open_storage
from bot.lexicon import Lexicon
from bot.main import main
from bot.settings import Settings, load_settings
from handlers.exporting import Xlsx
from knowledge import catalogue as standing
from knowledge.phrases import Label
from knowledge.prepare import fingerprint, fit_into, prepared
from storage import catalogue, own_words, scopes
from storage import export as exports
from storage.engine import Storage
from storage.phrases import change
from tests.conftest import POSTGRES
from tests.desk_service import hire
from tests.shared_room import empty_database
from tests.two_communities import two_communities

ROOT = Path(__file__).parents[1]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder nobody has used yet, with the prepared matcher in it; no setting but this one."""
    for name in [name for name in os.environ if name.startswith("LIANXIN_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    data = tmp_path / "data"
    data.mkdir()
    kept = ROOT / "var" / "matcher" / fingerprint()
    if not kept.exists():
        fit_into(kept)
    (data / "matcher").mkdir()
    (data / "matcher" / kept.name).symlink_to(kept)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIANXIN_DATA_DIR", str(data))
    return data


@pytest.fixture
def database(home: Path) -> Path:
    """There was a command before, which has made the database."""
    return Path(shutil.copyfile(empty_database(), home / "lianxin.db"))


@pytest.fixture
def lianxin(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def command(*arguments: str) -> tuple[int, str, str]:
        try:
            main(list(arguments))
        except SystemExit as left:
            said = capsys.readouterr()
            return int(left.code or 0), said.out, said.err
        raise AssertionError("main always leaves by exit")

    return command


# --- ask and classify -------------------------------------------------------------------------------------------------
def test_asking_gives_the_answer_with_its_source(lianxin: Command) -> None:
    code, out, _ = lianxin("ask", "一百户要配多大的社区用房？")
    assert code == 0
    assert "15" in out
    assert "渝民发〔2013〕30号 二(一)" in out.splitlines()[-1]


def test_asking_in_english_and_asking_why(lianxin: Command) -> None:
    code, out, _ = lianxin(
        "ask", "--language", "en", "--explain", "how many square metres of premises for every 100 households?"
    )
    assert code == 0
    assert "read as: how many square metres of premises for every 100 households" in out
    assert "faq / 二(一)" in out
    assert "sure: yes" in out


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("着火了！", "119"),
        ("帮我写首诗", "帮不上"),
        ("7栋1204厨房水管爆了", "登记"),
        ("你好", "您好"),
        ("转人工", "人工"),
    ],
)
def test_asking_anything_else_says_what_a_resident_would_hear(said: str, heard: str, lianxin: Command) -> None:
    code, out, _ = lianxin("ask", said)
    assert (code, heard in out) == (0, True), out


async def entered(settings: Settings) -> None:
    """Two communities, a number of the second's own, and a matter that is not taken here."""
    storage = await open_storage(settings, alone=False)
    try:
        _, other = await storage.run(two_communities)
        admin, _ = await storage.run(hire, "管理员", "admin")
        held, _ = await storage.run(hire, "康居管理员", "admin")
        await storage.run(scopes.give, held, by=admin, community_id=other.community)
        numbers: dict[str, str | None] = {"zh": "康居值班 023-66660000"}
        await storage.run(own_words.put, "own.service_numbers", numbers, by=admin, place=other.community)
        shut = {"on": {"zh": "no"}, "off": {"zh": "请到街道青年中心。", "en": "Go to the youth centre."}}
        await storage.run(catalogue.change, "youth", shut, by=admin, reason="没有人手")
    finally:
        await storage.close()


@pytest.mark.usefixtures("database")
def test_asking_answers_as_the_community_does_whose_resident_asks(
    lianxin: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(entered(load_settings()))
    monkeypatch.setattr(standing, "_STANDING", {})
    code, _, err = lianxin("faq", "checked", "rooms-floors", "--as", "康居管理员")
    assert (code, "may not do that" in err) == (1, True), "the FAQ is every community's"
    assert lianxin("faq", "checked", "rooms-floors", "--as", "管理员")[0] == 0
    assert "望江家园" in lianxin("ask", "你好")[1]
    code, out, _ = lianxin("ask", "--community", "康居", "你好")
    assert code == 0
    assert "康居西城" in out
    assert "023-66660000" in out
    code, _, err = lianxin("ask", "--community", "没有", "你好")
    assert (code, "望江家园、康居西城" in err) == (2, True)
    assert "街道青年中心" in lianxin("ask", "想给娃儿报暑期托管班")[1]


def test_asking_nothing_is_a_mistake(lianxin: Command) -> None:
    code, out, err = lianxin("ask", "  ")
    assert (code, out) == (2, "")
    assert "no question" in err


def classified(lines: bytes, *arguments: str, home: Path) -> tuple[int, list[str], str]:
    done = subprocess.run(
        [sys.executable, "-c", "from bot.main import main; main()", "classify", *arguments],
        input=lines,
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"LIANXIN_DATA_DIR": str(home), "PYTHONPATH": str(ROOT)},
    )
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()


def test_classify_answers_each_line_in_its_place(home: Path) -> None:
    said = ["7栋1204厨房水管爆了", "", "一百户要配多大的社区用房？", "\ud83d", "水" * 100_000]
    code, out, err = classified("\n".join(json.dumps({"text": text}) for text in said).encode(), home=home)
    assert (code, err, len(out)) == (0, "", len(said))
    rows = [json.loads(line) for line in out]
    assert (rows[0]["route"], rows[0]["category"]) == ("service_request", "repair")
    assert (rows[2]["route"], rows[2]["clauses"]) == ("faq", ["二(一)"])
    for row in rows:
        assert set(row) == {"route", "category", "clauses", "score", "alternatives"}
        assert 0 <= row["score"] <= 1
        assert len(row["alternatives"]) <= 5
        scores = [one["score"] for one in row["alternatives"]]
        assert scores == sorted(scores, reverse=True)
        winner = (row["route"], row["category"], row["clauses"])
        assert winner not in [(one["route"], one["category"], one["clauses"]) for one in row["alternatives"]]


def test_a_bad_line_is_named_and_the_others_are_still_read(home: Path) -> None:
    code, out, err = classified(
        b'{"text": "a"}\n{"words": 1}\nnonsense\n\xff\n{"text": "\xe4\xbd\xa0\xe5\xa5\xbd"}\n', home=home
    )
    assert code == 2
    assert [bool(line) for line in out] == [True, False, False, False, True]
    assert [line.split(":")[0] for line in err.splitlines()] == ["line 2", "line 3", "line 4"]


def test_a_report_tells_routes_voices_and_mistakes_and_draws_them(home: Path, tmp_path: Path) -> None:
    rows = [
        {"text": "厨房水管爆了", "route": "service_request", "category": "repair", "clause": None, "noise": "none"},
        {"text": "帮我写首诗", "route": "faq", "category": None, "clause": "二(一)", "noise": "polite"},
    ]
    picture = tmp_path / "taken.png"
    lines = "\n".join(map(json.dumps, rows)).encode()
    code, out, _ = classified(lines, "--report", "--picture", str(picture), home=home)
    report = "\n".join(out)
    assert code == 0
    assert "50.0" in report
    assert "faq/二(一) → out_of_scope" in report
    assert picture.read_bytes().startswith(b"\x89PNG")
    code, out, err = classified(b'{"text": "no label"}', "--report", home=home)
    assert (code, out) == (2, [])
    assert "line 1" in err


def test_classify_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run_classify(["--help"])
    assert "--report" in capsys.readouterr().out


# --- phrases ----------------------------------------------------------------------------------------------------------
PHRASE = "水表娃娃要去哪里拿"


@pytest.mark.usefixtures("database")
def test_a_phrase_is_taught_listed_refused_and_forgotten(lianxin: Command) -> None:
    assert lianxin("faq", "add", PHRASE, "--label", "service_request/culture")[0] == 0
    assert PHRASE in lianxin("faq", "list")[1]
    code, _, err = lianxin("faq", "add", f"{PHRASE}？", "--label", "faq/2-1")
    assert code == 1
    assert "already means service_request/culture" in err
    code, out, _ = lianxin("ask", "--explain", PHRASE)
    assert "service_request / culture" in out.split("sure:")[1].splitlines()[1]
    assert lianxin("faq", "remove", PHRASE)[0] == 0
    assert lianxin("faq", "remove", PHRASE)[0] == 1
    code, _, err = lianxin("faq", "add", PHRASE, "--label", "dispute/repair")
    assert code == 2
    assert "dispute/noise" in err


@pytest.mark.usefixtures("database")
def test_entries_are_listed_shown_given_phrases_and_retired(lianxin: Command) -> None:
    asked = "办公室究竟得设在第几层才算数嘛"
    assert "rooms-floors" in lianxin("faq", "entries", "rooms-floors")[1]
    assert lianxin("faq", "entries", "--state", "odd")[0] == 2
    assert lianxin("faq", "phrase", "rooms-floors", asked)[0] == 0
    assert asked in lianxin("faq", "show", "rooms-floors")[1]
    assert "二(一)" in lianxin("ask", asked)[1].splitlines()[-1]
    assert lianxin("faq", "retire", "rooms-floors", "--why", "过期")[0] == 0
    assert "二(一)" not in lianxin("ask", asked)[1], "nobody else answers in its place"
    code, _, err = lianxin("faq", "phrase", "no-such", asked)
    assert (code, "there is no entry" in err) == (1, True)


async def test_a_running_service_hears_of_a_phrase_and_forgets_a_shipped_one(any_storage: Storage) -> None:
    matcher = prepared(ROOT / "var")
    lexicon = Lexicon(any_storage, matcher)
    assert await lexicon.catch_up() == 0
    await any_storage.run(change, PHRASE, Label("activity"))
    assert await lexicon.catch_up() == 1
    assert matcher.read(PHRASE).guesses[0].label == Label("activity")
    await any_storage.run(change, PHRASE, None)
    assert (await lexicon.catch_up(), await lexicon.catch_up()) == (1, 0)
    assert matcher.read(PHRASE).guesses[0].label != Label("activity")
    with pytest.raises(ValueError, match="1 to 500"):
        await any_storage.run(change, " ", Label("activity"))


@pytest.mark.usefixtures("database")
def test_a_phrase_is_refused_with_the_entry_it_collides_with_or_when_it_says_nothing(lianxin: Command) -> None:
    """A blank one used to end in a traceback, and the refusal showed what was typed instead of what is known."""
    code, _, err = lianxin("faq", "add", "一百戶 好多平方？", "--label", "human")
    assert (code, err) == (1, "lianxin: “一百戶 好多平方？” already means faq/二(一) (“一百户好多平方”)\n")
    for nothing in (" ", "！！！", "x" * 501):
        code, _, err = lianxin("faq", "add", nothing, "--label", "human")
        assert code == 1
        assert "cannot be taught" in err


# --- staff, doctor, export, backup ------------------------------------------------------------------------------------
def test_staff_are_added_listed_and_given_links(lianxin: Command) -> None:
    code, out, _ = lianxin("staff", "add", "前台", "--role", "operator")
    assert code == 0
    assert "/console/enter?token=" in out
    assert "前台" in lianxin("staff", "list")[1]
    assert "/console/enter?token=" in lianxin("staff", "link", "前台")[1]
    assert lianxin("staff", "add", "前台", "--role", "operator")[0] == 2
    assert lianxin("staff", "add", "新人", "--role", "king")[0] == 2
    code, out, err = lianxin("staff", "link", "没有这个人")
    assert (code, out) == (1, "")
    assert "staff list" in err


def test_the_doctor_looks_at_everything_and_changes_nothing(lianxin: Command, home: Path) -> None:
    before = sorted(home.rglob("*"))
    code, out, _ = lianxin("doctor")
    assert code == 0
    for subject in ("data folder", "disk", "clock", "database", "telegram"):
        assert subject in out.lower()
    assert sorted(home.rglob("*")) == before


def test_a_backup_comes_back_whole(
    lianxin: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lianxin("staff", "add", "前台", "--role", "operator")
    saved = tmp_path / "saved.db"
    assert lianxin("backup", str(saved))[0] == 0
    assert lianxin("backup", str(saved))[0] == 1, "a backup is never overwritten"
    assert lianxin("restore", str(saved))[0] == 1, "a database is never overwritten"
    monkeypatch.setenv("LIANXIN_DATA_DIR", str(tmp_path / "elsewhere"))
    code, out, err = lianxin("restore", str(saved))
    assert (code, "Restored" in out) == (0, True), err
    assert "前台" in lianxin("staff", "list")[1]


@pytest.mark.parametrize("damage", [b"", b"not a database", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_damaged_backup_is_refused_and_nothing_appears(
    damage: bytes, lianxin: Command, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.db").write_bytes(damage)
    code, out, err = lianxin("restore", str(tmp_path / "bad.db"))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert not (home / "lianxin.db").exists()


@pytest.mark.usefixtures("database")
def test_exports_are_plain_rows_and_kept_in_the_audit(lianxin: Command) -> None:
    lianxin("staff", "add", "前台", "--role", "operator")
    code, out, _ = lianxin("export", "tickets", "--format", "csv")
    assert code == 0
    assert "number" in next(csv.reader(io.StringIO(out.removeprefix("\ufeff"))))
    for what in ("residents", "volunteers"):
        assert lianxin("export", what) == (0, "", "")
    code, out, _ = lianxin("export", "audit")
    actions = [json.loads(line)["action"] for line in out.splitlines()]
    assert "export" in " ".join(actions)
    lianxin("staff", "add", "周敏", "--role", "operator")
    lianxin("staff", "add", "李强", "--role", "worker")
    assert lianxin("export", "tickets", "--as", "周敏", "--reason", "季度汇总")[0] == 0
    kept = [json.loads(line) for line in lianxin("export", "audit")[1].splitlines()]
    first, named = (next(one["detail"] for one in ones if one["action"] == "export") for ones in (kept, kept[::-1]))
    assert (first["by"], first["reason"]) == ("operator of the machine", "not given")
    assert (named["by"], named["reason"]) == ("周敏", "季度汇总")
    for nobody, why in (("李强", "may not export"), ("王芳", "nobody called")):
        code, out, err = lianxin("export", "tickets", "--as", nobody)
        assert (code, out) == (1, "")
        assert why in err
    assert lianxin("export", "secrets")[0] == 2


@pytest.mark.usefixtures("database")
def test_an_exported_spreadsheet_opens_with_dates_and_runs_nothing(home: Path, capsysbinary: Any) -> None:
    """Whatever a resident wrote, control characters and a would-be formula among it, stands there as text."""
    told = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    rows = [{"said": '=HYPERLINK("http://x.example")', "at": told, "more": {"n": 1}}]
    rows += [{"said": "水\x0b管\ufffe" + "水" * 40_000, "at": None, "more": None}]
    writer = Xlsx(["said", "at", "more"])
    content = writer.begin() + writer.rows(rows) + b"".join(writer.end())
    writer.close()
    cells, words = sheet_of(content)
    assert "<f>" not in cells
    assert "<v>46349.41666" in cells, "10 o'clock in Chongqing, as Excel counts days"
    assert '=HYPERLINK("http://x.example")' in words
    assert words[-1].startswith("水_x000B_管_xFFFE_水")
    assert words[-1].count("水") == 32_767 - 3, "cut, rather than left out by Excel"
    for what in ("tickets", "residents", "volunteers", "audit"):
        with pytest.raises(SystemExit) as left:
            main(["export", what, "--format", "xlsx"])
        assert left.value.code == 0
        cells, words = sheet_of(capsysbinary.readouterr().out)
        assert words[: len(exports.columns(what))] == exports.columns(what)


def sheet_of(content: bytes) -> tuple[str, list[str]]:
    """The sheet as it is written, and the texts in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        cells = book.read("xl/worksheets/sheet1.xml").decode()
    return cells, [text.text or "" for text in ElementTree.fromstring(cells).findall(".//{*}t")]


@pytest.mark.usefixtures("database")
def test_a_spreadsheet_is_not_poured_onto_the_screen(lianxin: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    code, out, err = lianxin("export", "tickets", "--format", "xlsx")
    assert (code, out) == (1, "")
    assert "lianxin export tickets --format xlsx > tickets.xlsx" in err


def test_a_broken_phrase_file_stops_every_command_with_file_and_line(
    lianxin: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "human.txt").write_text("plain\t找人\nplain 没有制表符\n", "utf-8")
    monkeypatch.setattr("knowledge.phrases.FOLDER", tmp_path)
    monkeypatch.setattr("knowledge.phrases.load_phrases.__defaults__", (tmp_path,))
    monkeypatch.setattr("knowledge.prepare.FOLDER", tmp_path)
    for command in (("ask", "你好"), ("serve",)):
        code, _, err = lianxin(*command)
        assert code == 2
        assert "human.txt:2: expected voice<TAB>text" in err
        assert "Traceback" not in err


# --- settings ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PORT", "eighty"),
        ("HTTP_PORT", "70000"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "postgresql://user@host"),
        ("DATABASE_URL", "postgresql://user@host:port/name"),
        ("TELEGRAM_TOKEN", "not-a-token"),
        ("TELEGRAM_API", "ftp://x"),
        ("TELEGRAM_MODE", "pigeon"),
        ("STAFF_CHAT_ID", "group"),
        ("STAFF_CHAT_ID", "123456"),
        ("PUBLIC_URL", "https://a.example/with/path"),
        ("DEMO", "perhaps"),
        ("TELEPHONE_SECRET", "not-a-token"),
        ("TEXT_SECRET", "密钥密钥密钥密钥密钥密钥密钥密钥"),
        ("TEXT_URL", "texts.example.org"),
        ("TEXT_URL", "https://texts.example.org/send"),
        ("HTTP_PROT", "8080"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(
    name: str, value: str, lianxin: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"LIANXIN_{name}", value)
    code, out, err = lianxin("doctor")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert f"LIANXIN_{name}" in err
    assert "not-a-token" not in err


def test_a_webhook_without_an_address_is_refused(lianxin: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_TELEGRAM_TOKEN", "42:abc")
    monkeypatch.setenv("LIANXIN_TELEGRAM_MODE", "webhook")
    code, _, err = lianxin("serve")
    assert code == 2
    assert "LIANXIN_PUBLIC_URL" in err


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DATA_DIR", "{file}", "nothing can be written"),
        ("DATA_DIR", "{file}/below", "nothing can be written"),
        ("DATABASE_URL", "sqlite:///{file}/below/x.db", "nothing can be written"),
        ("HTTP_PORT", "{taken}", "does Lianxin run already?"),
        ("HTTP_HOST", "192.0.2.1", "cannot listen"),
        ("HTTP_HOST", "no-such-host.invalid", "cannot listen"),
    ],
)
def test_a_setting_that_cannot_be_used_here_stops_the_start_before_anything_is_said(
    name: str, value: str, says: str, lianxin: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A taken port was only told after "is running" and a sign-in link had been printed."""
    file = tmp_path / "file"
    file.touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv(f"LIANXIN_{name}", value.format(file=file, taken=port))
        code, out, err = lianxin("serve")
    assert (code, out) == (2, "")
    assert err.startswith(f"lianxin: LIANXIN_{name} ")
    assert says in err
    assert err.count("\n") == 1


def test_a_file_of_settings_is_read(lianxin: Command, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LIANXIN_HTTP_PORT=zero\n", "utf-8")
    code, _, err = lianxin("doctor")
    assert code == 2
    assert "LIANXIN_HTTP_PORT" in err


def test_a_postgresql_that_does_not_answer_is_said_plainly(lianxin: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    code, out, err = lianxin("staff", "list")
    assert (code, out) == (1, "")
    assert "cannot use the database" in err


def test_phrases_are_read_from_postgresql_too(postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.understanding import taught

    monkeypatch.setenv("LIANXIN_DATABASE_URL", str(POSTGRES))
    assert list(taught()) == [], "a database without our tables teaches nothing"
    monkeypatch.setenv("LIANXIN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert list(taught()) == []


def test_no_command_shows_what_there_is(lianxin: Command) -> None:
    assert run(["--help"]) == 0
    code, _, err = lianxin("fly")
    assert code == 2
    assert "fly" in err
