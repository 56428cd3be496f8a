"""What the proof found: one line a step with its time, the whole story of a failure in a log, a summary."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class ProofFailed(Exception):
    """Something is not as it has to be; the text says what was found and what was expected."""


class Outcome(NamedTuple):
    """How a step ended."""

    name: str
    seconds: float
    text: str
    is_good: bool


class Record:
    """Runs the steps and remembers how they ended; the next one runs all the same, unless it needs a failed one."""

    def __init__(self, folder: Path) -> None:
        """Write into a folder: `proof.log`, and whatever steps leave there."""
        self.folder = folder
        self.outcomes: list[Outcome] = []
        self._log = (folder / "proof.log").open("w", encoding="utf-8")

    @property
    def is_good(self) -> bool:
        """Whether every step so far was good."""
        return all(outcome.is_good for outcome in self.outcomes)

    def step(self, name: str, run: Callable[[], str], *, needs: tuple[str, ...] = ()) -> bool:
        """Run a step and print its line; tell whether it was good.

        Args:
            name: of the step; other steps may need it.
            run: does it and returns what was seen; raises whatever it likes when that is not what has to be.
            needs: steps without which this one would say nothing.
        """
        missing = [outcome.name for outcome in self.outcomes if outcome.name in needs and not outcome.is_good]
        began = time.monotonic()
        if missing:
            text, is_good = f"not reached, because it needs: {', '.join(missing)}", False
        else:
            try:
                text, is_good = run(), True
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this step's failure, and the rest goes on
                text, is_good = _first_lines(error), False
                self.note(f"{name}:\n{traceback.format_exc()}")
        outcome = Outcome(name, time.monotonic() - began, text, is_good)
        self.outcomes.append(outcome)
        self.say(f"{'ok    ' if is_good else 'FAILED'} {outcome.seconds:6.1f} s  {name}: {text}")
        return is_good

    def attempt(self, tidy: Callable[[], None]) -> None:
        """Tidy up after a failure; what goes wrong with that is noted and no second failure."""
        try:
            tidy()
        except Exception:  # noqa: BLE001 - the step has failed already; the next one says what it lacks
            self.note(f"tidying up failed:\n{traceback.format_exc()}")

    def say(self, line: str) -> None:
        """Print a line and keep it in the log."""
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        self.note(line)

    def note(self, text: str) -> None:
        """Keep a text in the log only."""
        self._log.write(f"{text}\n")
        self._log.flush()

    def finish(self, seconds: float) -> int:
        """Print the summary; return 0 when every step was good, else 1."""
        failed = [outcome.name for outcome in self.outcomes if not outcome.is_good]
        verdict = f"FAILED: {', '.join(failed)}" if failed else "all good"
        self.say(f"{len(self.outcomes)} steps in {seconds:.0f} s, {verdict}; pictures and logs: {self.folder}")
        self._log.close()
        return int(bool(failed))


def _first_lines(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return "\n              ".join(text.strip().splitlines()[:12])


def require(condition: object, text: str) -> None:
    """Raise `ProofFailed` with this text unless the condition holds."""
    if not condition:
        raise ProofFailed(text)
