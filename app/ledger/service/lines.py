"""A voucher's line as the services handle it: the columns of `entry` in their order, without the voucher's id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.storage.database import execute_many, fetch_all


class Line(NamedTuple):
    """One entry. Amounts are minor units; foreign amount and quantity are counted in the sense of the side used."""

    line: int
    period: int
    summary: str
    account_id: int
    auxiliary_set_id: int
    side: int
    debit: int
    credit: int
    currency_id: int
    foreign_amount: int
    rate: str
    quantity: int
    unit_price: int
    cash_flow_line: int | None
    unvalued: int


ENTRY_COLUMNS = ("voucher_id", *Line._fields)
INSERT_ENTRY = f"INSERT INTO {{entry}} ({', '.join(ENTRY_COLUMNS)}) VALUES ({', '.join('?' * len(ENTRY_COLUMNS))})"
SELECT_LINES = f"SELECT {', '.join(Line._fields)} FROM {{entry}} WHERE voucher_id = ? ORDER BY line"


def insert_lines(voucher_id: int, lines: Sequence[Line]) -> None:
    """Write a voucher's entries."""
    execute_many(INSERT_ENTRY, [(voucher_id, *line) for line in lines])


def read_lines(voucher_id: int) -> list[Line]:
    """Read a voucher's entries in order."""
    return [Line(*row) for row in fetch_all(SELECT_LINES, (voucher_id,))]


def reversed_line(line: Line, *, period: int, summary: str, number: int) -> Line:
    """Return the red copy of an entry: the same side, every amount negative (《会计基础工作规范》 art. 51)."""
    changes: dict[str, Any] = {
        "line": number,
        "period": period,
        "summary": summary,
        "debit": -line.debit,
        "credit": -line.credit,
        "foreign_amount": -line.foreign_amount,
        "quantity": -line.quantity,
    }
    return line._replace(**changes)
