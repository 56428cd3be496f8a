"""Whether what is open by contact adds up to the ledger: the ageing analysis, and the documents' open amounts."""

from __future__ import annotations

from collections.abc import Iterator

from app.contacts.queries.terms import survivors
from app.contract.doctor import DoctorPlace, Severity
from app.inventory.purposes import Purpose
from app.inventory.queries.posting_accounts import ruled_accounts
from app.kernel.text import message
from app.orders.queries.sub_ledger import (
    has_documents,
    nameless_accounts,
    open_by_contact,
    wrong_sums,
)
from app.reports.chart import read_chart
from app.reports.doctor.finding import Ailment, at_entries
from app.reports.doctor.patient import Patient, Standing
from app.reports.request import LAYER_POSTED, marks
from app.reports.trade.open_accounts import open_accounts
from app.reports.trade.open_items import read_open_items
from app.storage.book_settings import get_setting
from app.storage.database import fetch_all

OWED: tuple[Purpose, ...] = ("receivable", "advance_received", "payable", "advance_paid", "accrued_purchase")


def ageing(patient: Patient, standing: Standing) -> Iterator[Ailment]:
    """Yield accounts whose open items do not add up to their balance at the end of the last month."""
    chart = read_chart()
    sums: dict[int, int] = {}
    for item in read_open_items(patient.last, (LAYER_POSTED,), chart):
        sums[item.account_id] = sums.get(item.account_id, 0) + item.amount
    balances = standing.by_account()
    for account in open_accounts(chart):
        balance, items = balances.get(account.id, 0), sums.get(account.id, 0)
        if balance == items:
            continue
        yield Ailment(
            "ageing",
            "error",
            f"{account.code} {account.name_zh}",
            message(
                "{period} 余额 {balance}，未结各笔合计 {items}。",
                period=patient.named(patient.last),
                balance=patient.money(balance),
                items=patient.money(items),
            ),
            message("余额与分录不符：请做完整核验，并与备份比较。"),
            at_entries(account.code, patient.start, patient.last),
        )


def documents(patient: Patient) -> Iterator[Ailment]:
    """Yield contacts whose documents do not come to their balance, and documents whose own sums do not agree.

    Compared as both are now, vouchers that are not posted yet included. Where the contact has entries that are no
    document's, or an opening, documents cannot know of all, and the difference is a hint.
    """
    if not has_documents():
        return
    for name, kept, added in wrong_sums():
        yield Ailment(
            "settled_sum",
            "error",
            name,
            message("已核销 {kept}，核销明细合计 {added}。", kept=patient.money(kept), added=patient.money(added)),
            message("程序不会留下这样的单据：数据在程序之外被改动过，请与备份比较。"),
        )
    leaves = sorted({account.id for account in open_accounts()} | ruled_accounts(OWED))
    for side, kind, sign in (("sales", "客户", 1), ("purchase", "供应商", -1)):
        nameless = nameless_accounts(side, leaves)
        if nameless:
            yield from (_nameless(kind, *account) for account in nameless)
            continue
        known = open_by_contact(side)
        balances = _ledger_by_contact(leaves, kind)
        for contact_id, expected in sorted(known.items()):
            balance = sign * balances.get(contact_id, 0)
            if balance != expected:
                yield _difference(patient, leaves, kind, contact_id, balance, expected)


def _nameless(kind: str, code: str, name: str) -> Ailment:
    return Ailment(
        "open_documents",
        "hint",
        f"{code} {name}",
        message("单据记入这个科目，但它没有按往来单位核算：对账单和账龄里看不到是谁的。"),
        message("请在会计科目里给它加上“{kind}”核算，以后的单据就会记上往来单位。", kind=kind),
        DoctorPlace(kind="page", page="accounts"),
    )


def _difference(
    patient: Patient, leaves: list[int], kind: str, contact_id: int, balance: int, expected: int
) -> Ailment:
    items = [contact_id, *(item for item, owner in survivors().items() if owner == contact_id)]
    severity: Severity = "hint" if _has_other_entries(leaves, items) else "warning"
    name = fetch_all("SELECT name FROM {auxiliary} WHERE id = ?", (contact_id,))[0][0]
    return Ailment(
        "open_documents",
        severity,
        f"{kind}:{name}",
        message(
            "往来科目余额 {balance}，单据未结合计 {items}。",
            balance=patient.money(balance),
            items=patient.money(expected),
        ),
        message("请核对对账单：不经单据的凭证请补做收付款或发票，或更正凭证。"),
        DoctorPlace(kind="page", page="books"),
    )


def _ledger_by_contact(leaves: list[int], kind: str) -> dict[int, int]:
    """Return what all open accounts hold by contact in one role, in both layers, debit positive."""
    if not leaves:
        return {}
    years = fetch_all("SELECT MAX(year) FROM {fiscal_year}")
    year = int(years[0][0] or 0)
    rows = fetch_all(
        "SELECT i.auxiliary_id, SUM(b.opening + b.debit - b.credit) FROM {balance} b"
        " JOIN {auxiliary_set_item} i ON i.set_id = b.auxiliary_set_id JOIN {auxiliary_kind} k ON k.id = i.kind_id"
        f" WHERE b.layer <= 1 AND b.period BETWEEN ? AND ? AND k.name = ? AND b.account_id IN ({marks(leaves)})"
        " GROUP BY i.auxiliary_id",
        (year * 100, year * 100 + 12, kind, *leaves),
    )
    standing = survivors()
    sums: dict[int, int] = {}
    for item, amount in rows:
        owner = standing.get(int(item), int(item))
        sums[owner] = sums.get(owner, 0) + int(amount)
    return sums


def _has_other_entries(leaves: list[int], items: list[int]) -> bool:
    """Tell whether a contact has an opening, or entries on these accounts that no document made."""
    sets = f"SELECT set_id FROM {{auxiliary_set_item}} WHERE auxiliary_id IN ({marks(items)})"
    start = int(get_setting("start_period")) // 100 * 100
    opening = fetch_all(
        f"SELECT 1 FROM {{balance}} WHERE period = ? AND account_id IN ({marks(leaves)})"
        f" AND auxiliary_set_id IN ({sets}) AND (opening <> 0 OR debit <> 0 OR credit <> 0) LIMIT 1",
        (start, *leaves, *items),
    )
    if opening:
        return True
    return bool(
        fetch_all(
            "SELECT 1 FROM {entry} e JOIN {voucher} v ON v.id = e.voucher_id"
            f" WHERE e.account_id IN ({marks(leaves)}) AND e.auxiliary_set_id IN ({sets}) AND v.state <> 'void'"
            " AND NOT EXISTS (SELECT 1 FROM {document_voucher} d WHERE d.voucher_id = v.id) LIMIT 1",
            (*leaves, *items),
        )
    )
