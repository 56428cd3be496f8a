"""Running commands: as a process of their own, the way other programs do, or within the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "main.py"
TIMEOUT_S = 60


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the one document on standard output; anything beside it fails here."""
        return json.loads(self.out)


def environment(**variables: str) -> dict[str, str]:
    """Return this test's environment with some variables set, and the language left to them."""
    kept = {name: value for name, value in os.environ.items() if name not in {"LANG", "LC_ALL", "LC_MESSAGES"}}
    # a child of Windows needs its system folder, one of a test its own data folder; both are in the environment
    return {**kept, "PYTHONWARNINGS": "error", **variables}


def run(*arguments: object, stdin: str | None = None, **variables: str) -> Outcome:
    """Run `main.py` with these arguments in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(MAIN), *map(str, arguments)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        encoding="utf-8",
        env=environment(**variables),
        timeout=TIMEOUT_S,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
