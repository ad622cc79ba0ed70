"""Labelled messages through the running service, both channels: the command that counts how they were answered."""

from __future__ import annotations

import io
import json
from pathlib import Path

from tests.benchmarks.replay import main
from tests.benchmarks.reply_kinds import Heard, judge, kind_of

LABELLED = {
    "7栋1204厨房水管爆了": "service_request",
    "楼上天天半夜拖凳子，请你们调解一下": "dispute",
    "社区用房一百户要配多大": "faq",
    "转人工": "human",
    "厨房起火了！": "emergency",
    "您好": "greeting",
    "帮我写一首诗": "out_of_scope",
    "我报的事到哪一步了": "greeting",  # labelled wrongly, to see it counted
}


def test_every_message_is_answered_on_both_channels_and_counted(tmp_path: Path) -> None:
    file, out = tmp_path / "labelled.jsonl", io.StringIO()
    lines = [json.dumps({"text": text, "route": route}, ensure_ascii=False) for text, route in LABELLED.items()]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    assert main([str(file), "--show"], out) == 0
    *table, last = out.getvalue().splitlines()
    found = json.loads(last)
    assert found == {
        "messages": 8,
        "telegram": {"fits": 7, "another": 1},
        "web": {"fits": 7, "another": 1},
        "parked": 0,
        "dead letters": 0,
        "failures in the log": 0,
    }
    assert "    greeting -> tickets: 我报的事到哪一步了" in table


def test_a_reply_that_offers_and_one_that_never_came_are_told_apart() -> None:
    guesses = Heard("我不太确定您的意思。您想说的是下面哪一件？", ["a:7:f:e-21", "a:7:g:dispute:noise", "a:7:p"])
    assert judge("faq", kind_of(guesses)) == "offers"
    assert judge("faq", "none") == "none"
    assert kind_of(Heard("从没说过的话", [])) == "something else"
