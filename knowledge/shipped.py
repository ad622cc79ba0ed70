"""Everything in the data files, read once: what is broken stops the start, not the first resident it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from knowledge import (
    alike,
    backups,
    broadcasts,
    catalogue,
    closing,
    concepts,
    danger_model,
    danger_rules,
    data_requests,
    doors,
    emergencies,
    extract,
    features,
    follow_ups,
    group,
    notice,
    own_data,
    privacy,
    reach,
    retention,
    whats_new,
)
from knowledge.datafiles import DATA, DataError
from knowledge.faq import load_entries
from knowledge.phrases import load_phrases
from knowledge.profile import load_profile
from knowledge.ranking import load_splitter

READERS: tuple[Callable[[], object], ...] = (
    notice.notice,
    load_entries,
    load_profile,
    load_splitter,
    *(lambda route=route: catalogue.shipped(route) for route in catalogue.CATEGORIES),
    emergencies.shipped_emergencies,
    emergencies.lines,
    lambda: danger_rules.load_rules(DATA / "danger.yaml"),
    danger_model.shipped_weights,
    extract.shipped_cues,
    concepts.load,
    closing.shipped,
    doors.doors,
    follow_ups.asking_words,
    group.shipped,
    alike.rules,
    broadcasts.rules,
    own_data.wordings,
    privacy.privacy_notice,
    reach.shipped,
    retention.rules,
    backups.shipped,
    data_requests.shipped,
    whats_new.shipped,
    features.syllable_table,
)


def broken(*, phrases: bool = False) -> Iterator[DataError]:
    """What is wrong, the first fault of each file; ``phrases`` reads those too (the matcher's fit has, otherwise)."""
    for reader in (*READERS, load_phrases) if phrases else READERS:
        try:
            reader()
        except DataError as problem:
            yield problem
