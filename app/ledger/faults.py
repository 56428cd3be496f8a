"""Why a voucher stays a draft, and how its row keeps that: services write it, reads show it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from app.kernel.text import Message


class Fault(NamedTuple):
    """Why a voucher stays a draft."""

    code: str
    message: Message
    line: int | None = None


def faults_as_json(faults: Sequence[Fault]) -> str:
    """Write faults for the voucher's `faults` column; empty text means complete."""
    if not faults:
        return ""
    rows = [[f.code, f.message.source, dict(f.message.params), f.line] for f in faults]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"), default=str)


def faults_from_json(text: str) -> list[Fault]:
    """Read the `faults` column."""
    if not text:
        return []
    return [Fault(code, Message(source, params), line) for code, source, params, line in json.loads(text)]
