"""The benchmarks run and end in one JSON object with every figure; the figures of such a short run say nothing."""

from __future__ import annotations

import io
import json

import pytest

from tests.benchmarks.__main__ import GOALS, main
from tests.benchmarks.queue_pages import PAGES

FIGURES = {
    "durable": {"bare_updates_per_s", "durable_updates_per_s", "durable_to_bare"},
    "chat": {
        "chat_messages_per_s",
        "bare_round_trip_ms",
        *(f"chat_{kind}_p{cut}_ms" for kind in ("greeting", "policy") for cut in (50, 95, 99)),
        *(f"chat_{kind}_p{cut}_to_bare" for kind in ("greeting", "policy") for cut in (50, 95, 99)),
    },
    "start": {"import_numpy_s", "classify_first_answer_s", "classify_start_to_numpy", "classify_peak_mb"},
    "matcher": {
        "matcher_phrases",
        "matcher_ms",
        "nearest_neighbour_ms",
        "matcher_to_nearest_neighbour",
        "matcher_ms_at_10000",
        "matcher_ms_at_100000",
        "matcher_growth_10000_to_100000",
    },
    "carrying": {
        "import_wait_check",
        "import_wait_carry_out",
        "import_wait_take_back",
        "import_one_by_one",
        "import_wait_to_one_by_one",
    },
    "queues": {*(f"page_{name}_many_to_few" for name in (*PAGES, "worst")), "page_slowest_ms"},
}


@pytest.mark.parametrize("part", FIGURES)
def test_each_part_prints_a_table_and_its_figures_as_json(part: str) -> None:
    out = io.StringIO()
    main([part, "--quick"], out)
    *table, last = out.getvalue().splitlines()
    figures = json.loads(last)
    assert figures.keys() == FIGURES[part]
    assert all(figure > 0 for figure in figures.values())
    assert [line.split()[0] for line in table] == list(figures)


def test_every_goal_is_about_a_figure_there_is() -> None:
    assert set.union(*FIGURES.values()) >= GOALS.keys()


def test_a_part_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["nonsense"], io.StringIO())
    assert "nonsense" in capsys.readouterr().err
