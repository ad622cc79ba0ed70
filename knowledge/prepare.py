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
from knowledge.nearest import Index, index
from knowledge.normalise import normalise
from knowledge.phrases import FOLDER, Label, Phrase

VERSION = 3
"""Raised whenever fitting changes, so that no old fit is taken for a new one."""
KEPT = "phrases.json"
LONGEST_SPELT = 20
"""Characters of a phrase that is learned as it is typed in pinyin, too."""
SOURCES = (
    "features.py",
    "concepts.py",
    "masking.py",
    "linear.py",
    "normalise.py",
    "folding.py",
    "nearest.py",
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
    if not (folder / KEPT).exists():
        fit_into(folder)
    return _load(folder)


def fit_into(folder: Path) -> None:
    from knowledge.features import features, spelt
    from knowledge.linear import fit
    from knowledge.phrases import load_phrases

    phrases = load_phrases()
    labels = sorted({phrase.label for phrase in phrases}, key=str)
    at = {label: number for number, label in enumerate(labels)}
    typed = [(pinyin, p.label) for p in phrases if len(p.text) <= LONGEST_SPELT and (pinyin := spelt(p.text))]
    said = [*((p.text, p.label) for p in phrases), *typed]
    model = fit([features(text) for text, _ in said], [at[label] for _, label in said], classes=len(labels))
    _keep(folder, labels, phrases, model.weights.astype(np.float16), model.bias)


def _keep(folder: Path, labels: Sequence[Label], phrases: Sequence[Phrase], weights: object, bias: object) -> None:
    """Write beside, then rename: a half-written fit is never found."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix="new-"))
    means = _meanings(phrases)
    made = index(list(means))
    arrays = {"weights": weights, "bias": bias, "starts": made.starts, "numbers": made.numbers}
    for name, array in arrays.items():
        np.save(draft / f"{name}.npy", np.asarray(array))
    at = {label: number for number, label in enumerate(labels)}
    kept = {
        "labels": [label._asdict() for label in labels],
        "of": [at[phrase.label] for phrase in means.values()],
        "texts": "\n".join(phrase.text for phrase in means.values()),
        "plains": "\n".join(means),
        "grams": "\n".join(made.grams),
    }
    (draft / KEPT).write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
    try:
        os.rename(draft, folder)
    except OSError:  # another process was quicker with the same fit
        for path in draft.iterdir():
            path.unlink()
        draft.rmdir()


def _meanings(phrases: Sequence[Phrase]) -> dict[str, Phrase]:
    """By their normal form; the first meaning stays, and what says nothing is left out."""
    found: dict[str, Phrase] = {}
    for phrase in phrases:
        if plain := normalise(phrase.text):
            found.setdefault(plain, phrase)
    return found


def _load(folder: Path) -> Matcher:
    from knowledge.linear import Linear

    kept = json.loads((folder / KEPT).read_text("utf-8"))
    labels = [Label(**label) for label in kept["labels"]]
    texts, plains, grams = (kept[name].split("\n") for name in ("texts", "plains", "grams"))
    made = Index(plains, grams, np.load(folder / "starts.npy"), np.load(folder / "numbers.npy"))
    weights = np.asarray(np.load(folder / "weights.npy", mmap_mode="r"))  # as a memmap every look would cost more
    model = Linear(weights, np.load(folder / "bias.npy"))
    return Matcher(labels, model, zip(texts, map(labels.__getitem__, kept["of"]), plains, strict=True), made)


def is_prepared(data_dir: Path) -> bool:
    """True when nothing needs to be fitted."""
    return (data_dir / "matcher" / fingerprint() / KEPT).exists()


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
