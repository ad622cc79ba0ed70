"""Fits the matcher's linear part and keeps it, by the hash of what it was fitted on: ``python -m knowledge.prepare``.

A phrase file changed means another hash and another fit; an unchanged one is loaded in a blink.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.datafiles import DATA, DataError
from knowledge.matcher import Matcher
from knowledge.normalise import normalise
from knowledge.phrases import FOLDER, Label, Phrase

VERSION = 2
"""Raised whenever fitting changes, so that no old fit is taken for a new one."""
SOURCES = (
    "features.py",
    "concepts.py",
    "masking.py",
    "linear.py",
    "normalise.py",
    "folding.py",
    "phrases.py",
    "prepare.py",
)


def fingerprint() -> str:
    """The hash of everything a fit depends on."""
    here = Path(__file__).parent
    files = [
        *FOLDER.rglob("*.txt"),
        *(DATA / "faq").glob("*.yaml"),
        DATA / "syllables.tsv",
        DATA / "concepts.yaml",
        *(here / s for s in SOURCES),
    ]
    digest = hashlib.sha256(str(VERSION).encode())
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:20]


def prepared(data_dir: Path) -> Matcher:
    """The matcher, from the cache where it fits the data; otherwise fitted and, if the folder can be written, kept."""
    folder = data_dir / "matcher" / fingerprint()
    if not (folder / "phrases.json").exists():
        fit_into(folder)
    return _load(folder)


def fit_into(folder: Path) -> None:
    from knowledge.features import features
    from knowledge.linear import fit
    from knowledge.phrases import load_phrases

    phrases = load_phrases()
    labels = sorted({phrase.label for phrase in phrases}, key=str)
    at = {label: number for number, label in enumerate(labels)}
    numbers = [at[phrase.label] for phrase in phrases]
    model = fit([features(p.text) for p in phrases], numbers, classes=len(labels))
    _keep(folder, labels, phrases, model.weights.astype(np.float16), model.bias)


def _keep(folder: Path, labels: Sequence[Label], phrases: Sequence[Phrase], weights: object, bias: object) -> None:
    """Write beside, then rename: a half-written fit is never found."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix="new-"))
    np.save(draft / "weights.npy", np.asarray(weights))
    np.save(draft / "bias.npy", np.asarray(bias))
    kept = {
        "labels": [label._asdict() for label in labels],
        "phrases": [[p.text, labels.index(p.label), p.voice, normalise(p.text)] for p in phrases],
    }
    (draft / "phrases.json").write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
    try:
        os.rename(draft, folder)
    except OSError:  # another process was quicker with the same fit
        for path in draft.iterdir():
            path.unlink()
        draft.rmdir()


def _load(folder: Path) -> Matcher:
    from knowledge.linear import Linear

    kept = json.loads((folder / "phrases.json").read_text("utf-8"))
    labels = [Label(**label) for label in kept["labels"]]
    phrases = [Phrase(text, labels[at], voice, plain) for text, at, voice, plain in kept["phrases"]]
    weights = np.load(folder / "weights.npy", mmap_mode="r")
    return Matcher(labels, Linear(weights, np.load(folder / "bias.npy")), phrases)


def is_prepared(data_dir: Path) -> bool:
    """True when nothing needs to be fitted."""
    return (data_dir / "matcher" / fingerprint() / "phrases.json").exists()


def main() -> None:
    from knowledge.shipped import broken

    if problems := list(broken()):
        sys.exit("\n".join(map(str, problems)))
    try:
        prepared(Path(os.environ.get("LIANXIN_DATA_DIR") or "var"))
    except DataError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
