"""Files that belong to the program: charts of accounts, translations, icons; in the source tree and when built."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType


def resource_path(*parts: str) -> Path:
    """Return the path of a file or folder under `resources/`, e.g. `resource_path("charts", "household.csv")`.

    The built program unpacks its resources beside its modules; `sys._MEIPASS` names that folder.
    """
    unpacked = getattr(sys, "_MEIPASS", None)
    root = Path(unpacked) if unpacked else Path(__file__).resolve().parents[1]
    return root.joinpath("resources", *parts)


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the translations into a language: Chinese source sentence -> sentence. Chinese, the source, needs none.

    The union of `resources/translations/<language>/*.json`, one file a part of the program; an unknown language has no
    entries, so the Chinese source is shown. Where two files translate one sentence, the first file by name counts.
    """
    merged: dict[str, str] = {}
    folder = resource_path("translations", language)
    for path in sorted(folder.glob("*.json"), reverse=True):
        merged.update(json.loads(path.read_text(encoding="utf-8")))
    return MappingProxyType(merged)
