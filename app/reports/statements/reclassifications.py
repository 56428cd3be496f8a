"""Reclassifications by hand: amounts moved between lines of the balance sheet at a month's end (重分类).

The text asks for some that no formula can know: prepayments over one year to line 28, advances over one year to line
45, the part of long-term items due within a year to lines 14 and 40 (小企业会计准则 附录, 编制说明).
"""

from __future__ import annotations

from collections.abc import Sequence

from app.contract.statements import Reclassification, ReclassificationInput, ReclassificationList
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version, lock_row
from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.money import format_amount, parse_amount
from app.kernel.period import format_period, parse_period
from app.kernel.text import Message, clean_text, message
from app.ledger.errors import fields_wrong
from app.reports.statements.definition import Definition
from app.reports.statements.stored import definition_called, read_definitions
from app.storage.book_settings import get_setting
from app.storage.database import Row, execute, fetch_all, insert_returning_id, read_snapshot, run_unit

OBJECT = "reclassification"
_SELECT = (
    "SELECT r.id, r.period, r.from_line, r.to_line, r.amount, r.reason, r.version, u.name, r.changed_at"
    " FROM {reclassification} r LEFT JOIN {user} u ON u.id = r.changed_by"
)


def list_reclassifications(actor: Actor, period: str = "") -> ReclassificationList:
    """Return the reclassifications of a month, or all. Needs `reports:statement:view`."""
    actor.require("reports:statement:view")
    condition, params = (" WHERE r.period = ?", [parse_period(period)]) if period else ("", [])
    with read_snapshot():
        rows = fetch_all(f"{_SELECT}{condition} ORDER BY r.period, r.id", params)
    return ReclassificationList(reclassifications=[_shown(row) for row in rows])


def add_reclassification(actor: Actor, typed: ReclassificationInput) -> Reclassification:
    """Add a reclassification. Needs `reports:statement:edit`; raises `MalformedInput` naming the fields."""
    actor.require("reports:statement:edit")

    def work() -> Reclassification:
        values = _read(typed)
        identifier = insert_returning_id(
            "INSERT INTO {reclassification} (period, from_line, to_line, amount, reason, version, changed_by,"
            " changed_at) VALUES (?, ?, ?, ?, ?, 1, ?, ?)",
            (*values, actor.user_id, clock.utc_ms()),
        )
        after = _get(identifier)
        audit.record(actor, "reports:statement:edit", OBJECT, identifier, after=after)
        return after

    return run_unit(work)


def change_reclassification(actor: Actor, identifier: int, typed: ReclassificationInput) -> Reclassification:
    """Replace a reclassification. Needs `reports:statement:edit`; raises `NotFound`, `Conflict`, `MalformedInput`."""
    actor.require("reports:statement:edit")

    def work() -> Reclassification:
        lock_row("reclassification", identifier)
        before = _get(identifier)
        check_version(typed.version, before.version, OBJECT, identifier, lambda: before)
        execute(
            "UPDATE {reclassification} SET period = ?, from_line = ?, to_line = ?, amount = ?, reason = ?,"
            " version = version + 1, changed_by = ?, changed_at = ? WHERE id = ?",
            (*_read(typed), actor.user_id, clock.utc_ms(), identifier),
        )
        after = _get(identifier)
        audit.record(actor, "reports:statement:edit", OBJECT, identifier, before=before, after=after)
        return after

    return run_unit(work)


def remove_reclassification(actor: Actor, identifier: int, version: int | None = None) -> None:
    """Remove a reclassification. Needs `reports:statement:edit`; raises `NotFound`, `Conflict`."""
    actor.require("reports:statement:edit")

    def work() -> None:
        lock_row("reclassification", identifier)
        before = _get(identifier)
        check_version(version, before.version, OBJECT, identifier, lambda: before)
        execute("DELETE FROM {reclassification} WHERE id = ?", (identifier,))
        audit.record(actor, "reports:statement:edit", OBJECT, identifier, before=before)

    run_unit(work)


def _get(identifier: int) -> Reclassification:
    rows: Sequence[Row] = fetch_all(f"{_SELECT} WHERE r.id = ?", (identifier,))
    if not rows:
        raise NotFound("reclassification_unknown", message("没有这条重分类，它可能已被删除。"))
    return _shown(rows[0])


def _shown(row: Row) -> Reclassification:
    digits = int(get_setting("base_digits", 2))
    return Reclassification(
        id=row[0],
        period=format_period(row[1]),
        from_line=row[2],
        to_line=row[3],
        amount=format_amount(row[4], digits),
        reason=row[5],
        version=row[6],
        changed_by=row[7],
        changed_at=row[8],
    )


def _read(typed: ReclassificationInput) -> tuple[int, int, int, int, str]:
    """Return period, lines, amount and reason as they are stored."""
    form = definition_called("balance-sheet", read_definitions())
    period = parse_period(typed.period)
    amount = parse_amount(typed.amount, int(get_setting("base_digits", 2)))
    reason = clean_text(typed.reason)
    wrong: dict[str, Message] = {}
    if not amount:
        wrong["amount"] = message("重分类的金额不能为零。")
    if not reason:
        wrong["reason"] = message("请写明重分类的原因。")
    for field, line in (("from_line", typed.from_line), ("to_line", typed.to_line)):
        if not _takes(form, line):
            wrong[field] = message("行次 {line} 不是合计以内的项目，不能重分类。", line=line)
    if typed.from_line == typed.to_line:
        wrong["to_line"] = message("重分类要从一行移到另一行。")
    if wrong:
        raise fields_wrong(wrong)
    return period, typed.from_line, typed.to_line, amount, reason


def _takes(form: Definition, line: int) -> bool:
    """Tell whether a line's amount may be changed by hand: an item that totals add, on one of the sides."""
    row = form.row(line)
    return row is not None and row.kind == "item" and bool(row.side)
