"""The matcher for commands that need nothing else of the service."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values

if TYPE_CHECKING:
    from knowledge.matcher import Matcher

DATA_DIR = "LIANXIN_DATA_DIR"


def data_folder() -> Path:
    """``LIANXIN_DATA_DIR``, without loading what checks all the other settings."""
    return Path(os.environ.get(DATA_DIR) or dotenv_values(".env", encoding="utf-8-sig").get(DATA_DIR) or "var")


def load_reader() -> Matcher:
    from knowledge.matcher import load_matcher

    return load_matcher(data_folder())
