"""What stock brings to the closing of a month: its step 结转出库成本, and that nothing waits to be recosted."""

from __future__ import annotations

from collections.abc import Iterable

from app.contract.closing import PreCheck
from app.identity.actor import Actor
from app.inventory.queries.agreement import agreement
from app.inventory.service.costing.changes import change_lines
from app.inventory.service.costing.pending import pending_pools, recost_pending
from app.inventory.service.month_costing import book_month, has_monthly, months_due
from app.inventory.service.posting import entries_of
from app.kernel.money import format_amount
from app.kernel.period import format_period
from app.kernel.text import Message, message
from app.ledger.queries.vouchers import base_digits
from app.ledger.service.closing.guests import ClosingGuest
from app.ledger.service.closing.scene import Computation, Draft, Scene
from app.storage.database import fetch_all

LONGEST_LIST = 20


def _concerned(period: int) -> bool:
    return has_monthly(period) or bool(pending_pools())


def _compute(scene: Scene) -> Computation:
    """Show what each item's month comes to, and the voucher that books it."""
    found = Computation()
    found.blocked = _waits()
    if found.blocked is not None:
        return found
    due = months_due(scene.period)
    digits = base_digits()
    draft = Draft(scene, "transfer", str(_summary(scene.period)))
    lines = []
    accounts = {int(row[0]): str(row[1]) for row in fetch_all("SELECT id, code FROM {account}")}
    for one in due:
        amount = -sum(change.amount for change in one.changes)
        found.show(f"{one.item.code} {one.item.name}", format_amount(amount, digits))
        for change in one.changes:
            lines += change_lines(change, one.item, accounts, books_amount=True)
    if due:
        total = -sum(change.amount for one in due for change in one.changes)
        found.show(message("合计"), format_amount(total, digits), total=True)
    draft.entries.extend(entries_of(lines, str(_summary(scene.period))))
    if draft.entries or due:
        found.drafts.append(draft)
    else:
        found.note = message("没有要结转的出库成本。")
    return found


def _summary(period: int) -> Message:
    return message("结转 {period} 出库成本", period=format_period(period))


def _carry_out(actor: Actor, period: int, post: bool) -> list[int]:
    recost_pending()
    return book_month(actor, period, months_due(period, lock=True), post=post)


def _checks(period: int) -> Iterable[PreCheck]:
    waits = _waits()
    if waits is not None:
        yield PreCheck(code="stock_recosting", severity="stop", message=str(waits), where=format_period(period))
    digits = base_digits()
    for row in agreement(period):
        if row.difference:
            text = message(
                "总账余额 {ledger}，库存合计 {stock}，差 {difference}。",
                ledger=format_amount(row.ledger_minor, digits),
                stock=format_amount(row.stock_minor, digits),
                difference=format_amount(row.difference, digits),
            )
            yield PreCheck(
                code="stock_ledger",
                severity="warning",
                message=str(text),
                where=f"{row.account_code} {row.account_name}",
                account_code=row.account_code,
            )


def _waits() -> Message | None:
    waiting = len(pending_pools())
    if not waiting:
        return None
    return message(
        "还有 {count} 个商品在重新计算成本，请等“后台任务”完成，或用 close --carry-forward 一并完成。", count=waiting
    )


def _refusal(period: int) -> Message | None:
    waits = _waits()
    if waits is not None:
        return waits
    due = months_due(period)
    if not due:
        return None
    return message(
        "{period} 还没有结转出库成本：{items}。请在期末结账里完成“结转出库成本”，或用 close --carry-forward。",
        period=format_period(period),
        items="、".join(f"{one.item.code} {one.item.name}" for one in due[:LONGEST_LIST]),
    )


GUEST = ClosingGuest(concerned=_concerned, compute=_compute, carry_out=_carry_out, checks=_checks, refusal=_refusal)
