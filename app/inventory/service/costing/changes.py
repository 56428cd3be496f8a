"""Keeping and booking what a costing changed: revaluation rows, sums, and one voucher a month."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.identity.actor import Actor
from app.inventory.purposes import Purpose
from app.inventory.queries.facts import ItemFacts
from app.inventory.service.costing.rows import PoolKey, StoredMove
from app.inventory.service.posting import DocumentRef, PostingLine, PostingWish, Side, post_document
from app.kernel.text import Message
from app.storage.database import execute, execute_many, fetch_all, upsert_add

ASSEMBLY = "assembly"


class Change(NamedTuple):
    """By how much a costing changed a move, and on which day."""

    move: StoredMove
    date: str
    amount: int
    residue: int

    @property
    def period(self) -> int:
        """Return the month of the revaluation."""
        return int(self.date[:4]) * 100 + int(self.date[5:7])


def write_changes(recost_id: int, changes: Sequence[Change]) -> None:
    """Keep revaluations, and what they add up to on the moves and in the months; a few statements for any number."""
    execute_many(
        "INSERT INTO {stock_revaluation} (recost_id, move_id, item_id, warehouse_id, lot_id, period, date, amount,"
        " residue) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(recost_id, change.move.id, change.move.item_id, change.move.warehouse_id, change.move.lot_id),
                *(change.period, change.date, change.amount, change.residue),
            )
            for change in changes
        ],
    )
    of_move = "FROM {stock_revaluation} r WHERE r.recost_id = ? AND r.move_id = {stock_move}.id"
    execute(
        f"UPDATE {{stock_move}} SET recosted = recosted + (SELECT SUM(r.amount) {of_move}),"
        f" residue = residue + (SELECT SUM(r.residue) {of_move})"
        " WHERE id IN (SELECT move_id FROM {stock_revaluation} WHERE recost_id = ?)",
        (recost_id, recost_id, recost_id),
    )
    sums: dict[tuple[int, int, int, int], list[int]] = {}
    for change in changes:
        move = change.move
        row = sums.setdefault((change.period, move.item_id, move.warehouse_id, move.lot_id), [0, 0])
        row[0 if move.quantity > 0 else 1] += (change.amount + change.residue) * (1 if move.quantity > 0 else -1)
    execute_many(
        upsert_add("stock_month", ("period", "item_id", "warehouse_id", "lot_id"), ("in_amount", "out_amount")),
        [(*key, *row) for key, row in sorted(sums.items()) if any(row)],
    )
    add_values((change.move.key, change.amount + change.residue) for change in changes)


def add_values(changes: Iterable[tuple[PoolKey, int]]) -> None:
    """Add to what pools are worth."""
    sums: dict[PoolKey, int] = {}
    for key, amount in changes:
        sums[key] = sums.get(key, 0) + amount
    execute_many(
        "UPDATE {item_cost} SET value = value + ? WHERE item_id = ? AND lot_id = ?",
        [(amount, *key) for key, amount in sorted(sums.items()) if amount],
    )


def book_changes(
    actor: Actor,
    document: DocumentRef,
    changes: Sequence[Change],
    *,
    items: Mapping[int, ItemFacts],
    summary: Message,
    booked_elsewhere: Collection[int] = (),
    wish: PostingWish | None = None,
) -> list[int]:
    """Book changes, one voucher a month, and return the vouchers.

    Changes of moves in `booked_elsewhere` are in the caller's own voucher, but for their residue.
    """
    accounts = _account_codes(change.move.contra_account_id for change in changes)
    by_month: dict[int, list[Change]] = {}
    for change in changes:
        by_month.setdefault(change.period, []).append(change)
    made: list[int] = []
    for _, group in sorted(by_month.items()):
        lines: list[PostingLine] = []
        for change, books_amount in _added_up(group, booked_elsewhere):
            lines += change_lines(change, items[change.move.item_id], accounts, books_amount)
        date = max(change.date for change in group)
        voucher_id = post_document(actor, document, date, lines, summary=str(summary), wish=wish)
        made += [] if voucher_id is None else [voucher_id]
    return made


def _added_up(group: Sequence[Change], booked_elsewhere: Collection[int]) -> list[tuple[Change, bool]]:
    """Add up changes that book the same way: ten thousand issues of an item make a few lines."""
    sums: dict[tuple[object, ...], tuple[Change, bool]] = {}
    for change in group:
        move = change.move
        books_amount = move.id not in booked_elsewhere
        key = (
            *(move.item_id, move.rule, move.quantity > 0, move.amount is None, move.into_product, books_amount),
            *(move.contra_account_id, move.contra_aux, move.document_kind == ASSEMBLY),
        )
        before = sums[key][0] if key in sums else change._replace(move=move._replace(quantity=0), amount=0, residue=0)
        whole = change._replace(
            move=move._replace(quantity=move.quantity + before.move.quantity),
            amount=change.amount + before.amount,
            residue=change.residue + before.residue,
        )
        sums[key] = (whole, books_amount)
    return list(sums.values())


def change_lines(change: Change, item: ItemFacts, accounts: Mapping[int, str], books_amount: bool) -> list[PostingLine]:
    """Return what a change books: the move's amount against its contra account, the residue against cost.

    Issues and what comes back of them stand with stock on the credit side, as they were booked; receipts on the debit
    side. A part's change is balanced by that of its product. A move that had no amount yet brings its quantity along.
    """
    move = change.move
    lines: list[PostingLine] = []
    if change.amount and books_amount:
        is_issue = move.rule == "issue" or (move.rule == "return" and move.quantity > 0)
        sides: tuple[Side, Side] = ("credit", "debit") if is_issue else ("debit", "credit")
        sign = -1 if is_issue else 1
        quantity = sign * move.quantity if move.amount is None else 0
        lines.append(_line(sides[0], sign * change.amount, item, "stock", quantity))
        if not move.into_product and move.rule != "given":
            lines.append(
                PostingLine(
                    side=sides[1],
                    amount_minor=sign * change.amount,
                    purpose="cost",
                    account_code=accounts.get(move.contra_account_id or 0, ""),
                    aux_text=move.contra_aux,
                    # both halves of an assembly taken back meet on one account
                    category_id=None if move.document_kind == ASSEMBLY else item.category_id,
                    item_name=item.name,
                )
            )
    if change.residue:
        lines.append(_line("debit", -change.residue, item, "cost"))
        lines.append(_line("credit", -change.residue, item, "stock"))
    return lines


def _line(side: Side, amount: int, item: ItemFacts, purpose: Purpose, quantity: int = 0) -> PostingLine:
    return PostingLine(
        side=side,
        amount_minor=amount,
        purpose=purpose,
        quantity=quantity,
        category_id=item.category_id,
        item_name=item.name,
    )


def _account_codes(ids: Iterable[int | None]) -> dict[int, str]:
    wanted = sorted({one for one in ids if one})
    if not wanted:
        return {}
    places = ", ".join("?" * len(wanted))
    rows = fetch_all(f"SELECT id, code FROM {{account}} WHERE id IN ({places})", wanted)
    return {int(row[0]): str(row[1]) for row in rows}
