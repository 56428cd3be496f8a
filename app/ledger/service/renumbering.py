"""断号整理: closing gaps and ordering by date, among unposted vouchers only; posted and void numbers never change."""

from __future__ import annotations

from app.contract.voucher_work import NumberOrder, NumberOrdered
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import RuleBroken
from app.kernel.period import format_period, parse_period
from app.kernel.text import message
from app.ledger.queries.numbers import fixed_after
from app.ledger.service.locks import require_open
from app.ledger.service.numbering import lock_counter, set_counter
from app.storage.database import execute_many, fetch_all, run_unit

MOST_LOGGED = 1_000


def order_numbers(actor: Actor, wish: NumberOrder) -> NumberOrdered:
    """Move the unposted vouchers of a month and word up into its gaps; with `by_date` bring them into date order too.

    Raises `RuleBroken` when a posted or void voucher stands after the first gap (it is named), or the month is closed.
    """
    actor.require("ledger:voucher:renumber")
    period, word = parse_period(wish.period), wish.word

    def work() -> NumberOrdered:
        require_open(period)
        lock_counter(period, word)
        rows = fetch_all(
            "SELECT id, number, date, state FROM {voucher} WHERE period = ? AND word = ? AND number IS NOT NULL"
            " ORDER BY number",
            (period, word),
        )
        gap = _first_gap([row[1] for row in rows])
        fixed = fixed_after(period, word, gap) if gap else ""
        if fixed:
            raise RuleBroken(
                "number_fixed",
                message(
                    "{period} {word}字缺第 {gap} 号，可它后面的 {fixed} 已记账或作废，号不能再变。",
                    period=format_period(period),
                    word=word,
                    gap=gap,
                    fixed=fixed,
                ),
            )
        taken = {row[1] for row in rows if row[3] not in ("draft", "reviewed")}
        free = [number for number in range(1, len(rows) + 1) if number not in taken]
        movable = [row for row in rows if row[3] in ("draft", "reviewed")]
        if wish.by_date:
            movable.sort(key=lambda row: (row[2], row[1]))
        moves = [(row[0], row[1], number) for row, number in zip(movable, free, strict=True) if row[1] != number]
        _move(moves)
        set_counter(period, word, len(rows))
        if moves:
            after = {"by_date": wish.by_date, "moved": [list(move) for move in moves[:MOST_LOGGED]]}
            audit.record(actor, "ledger:voucher:renumber", "period", f"{format_period(period)} {word}", after=after)
            for voucher_id, _, number in moves[:MOST_LOGGED]:  # whoever is typing into one is told by whom it moved
                audit.record(actor, "ledger:voucher:renumber", "voucher", voucher_id, after={"number": number})
        return NumberOrdered(moved=len(moves))

    return run_unit(work)


def _first_gap(numbers: list[int]) -> int:
    """Return the first number missing from 1 on, or 0."""
    return next((place for place, number in enumerate(numbers, start=1) if number != place), 0)


def _move(moves: list[tuple[int, int, int]]) -> None:
    """Give the new numbers in two steps through negative ones: the unique key is checked row by row."""
    now = utc_ms()
    execute_many("UPDATE {voucher} SET number = ? WHERE id = ?", [(-new, voucher_id) for voucher_id, _, new in moves])
    execute_many(
        "UPDATE {voucher} SET number = ?, version = version + 1, updated_at = ? WHERE id = ?",
        [(new, now, voucher_id) for voucher_id, _, new in moves],
    )
