"""A data file an admin has broken: one line that names the file, the line and what is wrong, and nothing starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.doctor import knowledge
from bot.main import main
from knowledge import catalogue, danger_model, features, shipped, voices
from knowledge.datafiles import DATA, DataError, plain_values, read
from knowledge.phrases import load_phrases


@pytest.fixture
def fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A service catalogue with a duty nobody knows, among what ships; where in it."""
    path = tmp_path / "services.yaml"
    before, _, after = (DATA / "services.yaml").read_text("utf-8").partition("duty: assist")
    path.write_text(f"{before}duty: asist{after}", "utf-8")
    reader = lambda: catalogue.load(path, "service_request")  # noqa: E731
    monkeypatch.setattr(shipped, "READERS", (*shipped.READERS, reader))
    return f"{path}:{before.count(chr(10)) + 1}"


@pytest.mark.parametrize(
    ("written", "line", "problem"),
    [
        (b"a: 1\nb: \xff\n", 2, "is not UTF-8 text"),
        ("社区: 一\n居民: 二\nb: \x07\n".encode(), 3, "an invisible character"),
        (b"a: 1\n\tb: 2\n", 2, "found a tab character"),
        (b"a: 1\nb: 2\na: 3\n", 3, "key 'a' is given twice"),
        (b'a: 1\nb: "open\nc: 2\nd: 3\n', 5, "in what began on line 2"),
        (b"a: [1, 2\nb: 3\n", 2, "is not valid YAML"),
        (b"", 1, "is empty"),
        (b"- a\n- b\n", 1, "expected keys with values"),
        (b"a: 1\nc: 2\n", 2, "unknown key 'c'; 'b' is missing"),
        (b"a: 1\n", 1, "'b' is missing"),
        (b"a: 1\nb:\n", 2, "'b' is left empty"),
        (b"a: 1\nb: 1:30\n", 2, "expected a whole number"),
        (b"a: 1\nb: 0x1F\n", 2, "expected a whole number"),
        (b"a: 1\nb: [2]\n", 2, "expected a whole number"),
        (b"\xef\xbb\xbfa: 1\r\nb: two\r\n", 2, "expected a whole number"),
    ],
)
def test_whatever_is_wrong_is_named_with_its_line(written: bytes, line: int, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(written)
    with pytest.raises(DataError) as refused:
        read(path).only("a", "b")["b"].integer()
    assert (refused.value.line, refused.value.path) == (line, path)
    assert problem in refused.value.problem
    assert "\n" not in str(refused.value)


def test_a_mark_some_editors_put_first_and_their_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2.5\r\n")
    assert read(path)["b"].number() == 2.5
    assert plain_values(path) == {"a": 1, "b": 2.5}


def test_a_phrase_file_in_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    """It used to end in a traceback."""
    (tmp_path / "human.txt").write_bytes("plain\t转人工\nplain\t".encode() + "找个活人".encode("gb18030") + b"\n")
    with pytest.raises(DataError, match=r"human.txt:2: is not UTF-8 text"):
        load_phrases(tmp_path)


@pytest.mark.parametrize(
    ("load", "written"),
    [(danger_model.load_weights, b"PK\x03\x04half"), (features.syllable_table, b"# ok\nshui\t\xe6\xb0\xb4\nno tab\n")],
)
def test_prepared_tables_that_are_cut_off_are_refused(
    load: Callable[[Path], object], written: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "table"
    path.write_bytes(written)
    with pytest.raises(DataError, match=r"table:[13]: "):
        load(path)


def test_everything_that_ships_can_be_read() -> None:
    assert list(shipped.broken(phrases=True)) == []
    assert [finding.verdict for finding in knowledge()] == ["ok"]


def test_a_broken_catalogue_stops_the_start_and_not_the_first_resident_it_concerns(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The service used to start, and a resident with a burst pipe met the error."""
    monkeypatch.setenv("LIANXIN_DATA_DIR", str(tmp_path))
    with pytest.raises(SystemExit, match="2"):
        main(["serve"])
    assert capsys.readouterr().err == f"lianxin: {fault}: 'asist' is not one of: ours, assist, redirect\n"


def test_the_doctor_names_every_broken_file(fault: str) -> None:
    (finding,) = knowledge()
    assert finding.verdict == "bad"
    assert finding.found.startswith(f"{fault}: ")


def test_judging_voices_refuses_a_broken_phrase_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "human.txt").write_text("nobody\t喂\n", "utf-8")
    monkeypatch.setattr(voices, "load_phrases", lambda: load_phrases(tmp_path))
    assert voices.main(["young"]) == 2
    assert "human.txt:1: unknown voice 'nobody'" in capsys.readouterr().err
