"""The notice as data, and the loader that tells an admin where a data file is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.datafiles import DataError, read
from knowledge.notice import clauses, notice, read_notice
from knowledge.profile import load_profile
from knowledge.values import rooms_needed

NUMBERED = """一(一) 一(二) 一(三) 一(四) 二(一) 二(二) 三(一) 三(二) 三(三) 三(四) 四(一) 四(二) 四(三) 四(四)
    五(一) 五(二) 五(三) 六(一) 六(二)""".split()  # noqa: SIM905


def written(folder: Path, text: str) -> Path:
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_nineteen_items_the_document_and_the_contacts_are_there_in_order() -> None:
    assert list(clauses()) == [*NUMBERED, "文号", "联系"]
    assert clauses()["六(二)"].slug == "6-2"
    assert clauses()["文号"].slug == "document"


def test_slugs_are_plain_ascii_and_different() -> None:
    slugs = [clause.slug for clause in clauses().values()]
    assert len(set(slugs)) == len(slugs)
    assert all(slug.isascii() for slug in slugs)


@pytest.mark.parametrize(
    ("name", "relation", "values", "unit"),
    [
        ("rooms_per_hundred", "at_least", (15,), "m2_per_100_households"),
        ("rooms_minimum", "at_least", (500,), "m2"),
        ("rooms_floors", "between", (1, 2), "level_street_floor"),
        ("committee_members", "between", (5, 9), "persons"),
        ("trainings_per_year", "exactly", (1,), "times_per_year"),
        ("disclosure_months", "each", (1, 4, 7, 10), "month"),
        ("disclosure_day", "exactly", (15,), "day_of_month"),
    ],
)
def test_figures_are_typed_data_with_their_unit(name: str, relation: str, values: tuple[int, ...], unit: str) -> None:
    figure = notice().figure(name)
    assert (figure.relation, figure.values, figure.unit) == (relation, values, unit)


def test_a_figure_nobody_wrote_down_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        notice().figure("rooms_colour")


def test_the_document_knows_number_date_issuers_and_basis() -> None:
    document = notice().document
    assert document.number == "渝民发〔2013〕30号"
    assert document.issued_on == date(2013, 1, 30)
    assert len(document.issuers) == notice().figure("issuers").values[0]
    assert [basis.number for basis in document.bases] == ["渝府发〔2012〕120号", "渝委办发〔2011〕40号"]


def test_printed_contacts_are_kept_as_printed() -> None:
    printed = {contact.id: contact.values for contact in notice().contacts}
    assert printed["petition-phone"] == ("023-63651218",)
    assert printed["land-violation"] == ("12336",)
    assert len(printed["discipline"]) == 2


def test_the_demo_community_is_of_the_size_and_staff_the_rules_know() -> None:
    profile = load_profile()
    least, most = notice().figure("committee_members").values
    assert 4000 <= profile.flats <= 6000, "PR-02"
    assert 15 <= len(profile.buildings) <= 20, "PR-02"
    assert profile.committee_members is not None
    assert least <= profile.committee_members <= most, "S-06"
    assert profile.office is not None
    assert profile.households is not None
    assert profile.office.area_m2 >= rooms_needed(profile.households, notice())[1], "S-05"
    assert set(profile.office.floors) <= {1, 2}, "S-05"


def test_more_households_than_flats_is_refused_at_its_line(tmp_path: Path) -> None:
    source = Path("knowledge/data/community.yaml").read_text(encoding="utf-8")
    path = written(tmp_path, source.replace("households: 4862", "households: 9000"))
    line = 1 + source[: source.index("households: 4862")].count("\n")
    with pytest.raises(DataError, match=f"file.yaml:{line}: 9000 households, but the buildings have 5040 flats"):
        load_profile(path)


def test_what_a_profile_leaves_out_is_unknown_not_zero(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "estate: {zh: 甲, en: A}\ncommunity: {zh: 乙, en: B}\nstatus: preparing\nhouseholds: 90\nresidents: 200\n"
        'committee_members:\nbuildings:\n  - {number: "1", units: 1, floors: 10, flats: 100}\n',
    )
    profile = load_profile(path)
    assert profile.committee_members is None
    assert profile.office is None
    assert profile.posting_places is None


def read_a_and_b(path: Path) -> list[int]:
    root = read(path).only("a", "b")
    return [item.integer(least=0) for item in root["b"].items()]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: 1\nb: [2, three]\n", 2, "expected a whole number"),
        ("a: 1\na: 2\n", 2, "'a' is given twice"),
        ("b: []\n", 1, "'a' is missing"),
        ("a: 1\nb: []\nc: 3\n", 3, "unknown key 'c'"),
        ("a: 1\nb:\n  - 2\n  - -7\n", 4, "-7 is too small, the least is 0"),
        ("a: 1\nb: 5\n", 2, "expected a list"),
        ("- a\n", 1, "expected keys with values"),
        ("a: 1\nb: [2\n", 3, "is not valid YAML"),
        ("", 1, "is empty"),
    ],
)
def test_a_broken_file_is_refused_with_file_line_and_what_is_wrong(
    tmp_path: Path, text: str, line: int, problem: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DataError) as caught:
        read_a_and_b(path)
    assert (caught.value.path, caught.value.line) == (path, line)
    assert problem in caught.value.problem
    assert str(caught.value).startswith(f"{path}:{line}: ")


def test_a_missing_file_and_one_that_is_not_utf8_say_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "absent.yaml")
    (tmp_path / "gbk.yaml").write_bytes("名: 居委会".encode("gbk"))
    with pytest.raises(DataError, match="not UTF-8"):
        read(tmp_path / "gbk.yaml")


@pytest.mark.parametrize(
    ("value", "ask", "problem"),
    [
        ("'  '", "text", "the text is empty"),
        ("[1]", "text", "expected a text"),
        ("2026-13-40", "day", "is not a day like 2026-11-23"),
        ("maybe", "flag", "expected true or false"),
        ("much", "number", "expected a number"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(tmp_path: Path, value: str, ask: str, problem: str) -> None:
    field = read(written(tmp_path, f"a: {value}\n"))["a"]
    with pytest.raises(DataError, match=problem):
        getattr(field, ask)()


def test_values_of_the_right_kind_are_read(tmp_path: Path) -> None:
    root = read(written(tmp_path, "n: 1_000\nx: 2.5\nyes: true\nday: 2026-11-23\nphone: 12345\nempty:\n"))
    assert root["n"].integer() == 1000
    assert root["x"].number() == 2.5
    assert root["yes"].flag() is True
    assert root["day"].day() == date(2026, 11, 23)
    assert root["phone"].text() == "12345"
    assert root.get("empty") is None


def test_a_range_the_wrong_way_round_is_refused_in_the_notice(tmp_path: Path) -> None:
    source = Path("knowledge/data/notice.yaml").read_text(encoding="utf-8")
    path = written(tmp_path, source.replace("values: [5, 9]", "values: [9, 5]"))
    with pytest.raises(DataError, match="the smaller first"):
        read_notice(path)


def test_a_clause_given_twice_is_refused_in_the_notice(tmp_path: Path) -> None:
    source = Path("knowledge/data/notice.yaml").read_text(encoding="utf-8")
    with pytest.raises(DataError, match=r"clause 一\(一\) is given twice"):
        read_notice(written(tmp_path, source.replace("id: 一(二)", "id: 一(一)")))
