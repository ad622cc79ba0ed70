"""``lianxin classify``: how long until the first answer, against starting Python with numpy; and the most memory it takes.

The time is from starting the process to reading its first answer; afterwards it answers a few hundred messages more, and
the peak is the whole process's resident memory, as the kernel kept it.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.matching import MESSAGES
from tests.benchmarks.town import HERE, KNOWLEDGE

ROUNDS, MORE = 9, 20
CLASSIFY = "import sys; from bot.main import main; main(['classify'])"
"""What the ``lianxin`` script does."""


def measure(*, rounds: int = ROUNDS, more: int = MORE) -> dict[str, float]:
    """Seconds and megabytes, medians; the peak is the highest of all rounds."""
    numpy, classify, peaks = [], [], []
    for _ in range(rounds):
        numpy.append(_numpy())
        first, peak = _classify(more)
        classify.append(first)
        peaks.append(peak)
    ratio = statistics.median(one / other for one, other in zip(classify, numpy, strict=True))
    return {
        "import_numpy_s": round(statistics.median(numpy), 3),
        "classify_first_answer_s": round(statistics.median(classify), 3),
        "classify_start_to_numpy": round(ratio, 2),
        "classify_peak_mb": round(max(peaks), 1),
    }


def _numpy() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import numpy"], check=True)
    return time.perf_counter() - start


def _classify(more: int) -> tuple[float, float]:
    """Seconds to the first answer, and the peak in MB after some more."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", CLASSIFY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"LIANXIN_DATA_DIR": str(KNOWLEDGE), "PYTHONPATH": str(HERE)},
    )
    with child:
        _ask(child, MESSAGES[1])
        first = time.perf_counter() - start
        for text in MESSAGES * more:
            _ask(child, text)
        peak = _peak_mb(child.pid)
    return first, peak


def _ask(child: subprocess.Popen[bytes], text: str) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(json.dumps({"text": text}).encode() + b"\n")
    child.stdin.flush()
    if not child.stdout.readline().strip():
        raise RuntimeError("lianxin classify gave no answer")


def _peak_mb(pid: int) -> float:
    """Of the living process, where the kernel tells; elsewhere that of the largest child there was."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        kilobytes = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(kilobytes) / 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
