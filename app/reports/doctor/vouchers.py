"""What can be wrong with vouchers: gaps in their numbers, left unposted, incomplete, without documents or cash flow."""

from __future__ import annotations

from collections.abc import Iterator

from app.kernel.period import format_period
from app.kernel.text import message
from app.ledger.cash_flow_form import has_cash_flow_statement
from app.ledger.faults import faults_from_json
from app.ledger.service.review_rule import review_by_other
from app.reports.doctor.finding import Ailment, at_voucher, at_vouchers, voucher_name
from app.reports.doctor.patient import Patient
from app.reports.request import marks
from app.storage.database import Row, fetch_all

FIXED = ("posted", "void")


def number_gaps() -> Iterator[Ailment]:
    """Yield missing numbers per month and word (《会计基础工作规范》 51(1): consecutive).

    A gap before a posted or void voucher can never be closed and breaks a guarantee; one before drafts only can.
    """
    sums = fetch_all(
        "SELECT period, word FROM {voucher} WHERE number IS NOT NULL GROUP BY period, word"
        " HAVING COUNT(number) <> MAX(number) OR MIN(number) <> 1 ORDER BY period, word"
    )
    for period, word in sums:
        rows = fetch_all(
            "SELECT number, state, id FROM {voucher} WHERE period = ? AND word = ? AND number IS NOT NULL"
            " ORDER BY number",
            (period, word),
        )
        last_fixed = max((row[0] for row in rows if row[1] in FIXED), default=0)
        due = 1
        for number, _, voucher_id in rows:
            if number > due:
                yield _gap(period, word, (due, number - 1), voucher_id, fixed=due < last_fixed)
            due = max(due, number + 1)


def _gap(period: int, word: str, missing: tuple[int, int], next_id: int, *, fixed: bool) -> Ailment:
    first, last = missing
    where = f"{format_period(period)} {word}"
    if first == last:
        text = message("缺第 {number} 号凭证。", number=first)
    else:
        text = message("缺第 {first} 至第 {last} 号凭证。", first=first, last=last)
    if fixed:
        remedy = message("缺号之后已有记账的凭证，号码不能再补；请查明原因，必要时从备份恢复。")
        return Ailment("number_gap", "error", where, text, remedy, at_voucher(next_id))
    remedy = message("后面的凭证都没有记账，请用“断号整理”把号码接上。")
    return Ailment("number_gap", "warning", where, text, remedy, at_vouchers(period))


def unposted_in_closed_months(patient: Patient) -> Iterator[Ailment]:
    """Yield vouchers left unposted in closed months (财会〔2024〕12号 art. 24: all are posted before closing)."""
    closed = sorted(patient.closed)
    if not closed:
        return
    for voucher_id, period, word, number in fetch_all(
        "SELECT id, period, word, number FROM {voucher} WHERE state IN ('draft', 'reviewed') AND number IS NOT NULL"
        f" AND period IN ({marks(closed)}) ORDER BY period, word, number",
        closed,
    ):
        yield Ailment(
            "unposted_in_closed_month",
            "error",
            voucher_name(period, word, number),
            message("{period} 已结账，这张凭证却没有记账。", period=format_period(period)),
            message("请反结账这个月，把凭证记账或作废，再结账。"),
            at_voucher(voucher_id),
        )


def faulty_drafts() -> Iterator[Ailment]:
    """Yield drafts that list faults: they count nowhere until somebody completes them."""
    for voucher_id, period, word, number, faults in fetch_all(
        "SELECT id, period, word, number, faults FROM {voucher} WHERE state = 'draft' AND faults <> ''"
        " ORDER BY period, word, number, id"
    ):
        reasons = [str(fault.message) for fault in faults_from_json(faults)]
        yield Ailment(
            "faulty_draft",
            "warning",
            voucher_name(period, word, number),
            message("草稿不完整，没有计入任何账表：{reasons}", reasons=" ".join(reasons)),
            message("打开凭证补全，或者作废、删除。"),
            at_voucher(voucher_id),
        )


def unsigned() -> Iterator[Ailment]:
    """Yield posted vouchers without a reviewer or poster (《会计基础工作规范》 51: their names stand there)."""
    for voucher_id, period, word, number, state in fetch_all(
        "SELECT id, period, word, number, state FROM {voucher} WHERE (state = 'posted' AND"
        " (reviewer_id IS NULL OR poster_id IS NULL)) OR (state = 'reviewed' AND reviewer_id IS NULL)"
        " ORDER BY period, word, number"
    ):
        missing = message("缺审核人或记账人。") if state == "posted" else message("缺审核人。")
        yield Ailment(
            "missing_reviewer",
            "error",
            voucher_name(period, word, number),
            missing,
            message("程序不会留下这样的凭证：数据在程序之外被改动过，请与备份比较。"),
            at_voucher(voucher_id),
        )


def self_reviewed(patient: Patient) -> Iterator[Ailment]:
    """Yield months in which makers reviewed their own vouchers although the book demands somebody else now."""
    if not review_by_other():
        return
    for period, count in fetch_all(
        "SELECT period, COUNT(*) FROM {voucher} WHERE state IN ('reviewed', 'posted') AND reviewer_id = maker_id"
        " AND period BETWEEN ? AND ? GROUP BY period ORDER BY period",
        (patient.first, patient.last),
    ):
        yield Ailment(
            "self_reviewed",
            "hint",
            format_period(period),
            message("有 {count} 张凭证由制单人自己审核。", count=count),
            message("账簿要求另一人审核；请请人复核这些凭证。"),
            at_vouchers(period),
        )


def untagged_cash(patient: Patient) -> Iterator[Ailment]:
    """Yield posted vouchers whose cash moved without a cash-flow line; from cash to cash needs none (art. 82).

    What changes only the base value of foreign cash (期末调汇) moves no cash.
    """
    cash = [account.id for account in patient.accounts.values() if account.is_cash and account.is_leaf]
    if not cash or not has_cash_flow_statement():
        return
    rows = fetch_all(
        "SELECT v.id, v.period, v.word, v.number, t.net FROM (SELECT voucher_id, SUM(debit - credit) AS net"
        f" FROM {{entry}} WHERE account_id IN ({marks(cash)}) AND period BETWEEN ? AND ? AND cash_flow_line IS NULL"
        " AND NOT (currency_id <> ? AND foreign_amount = 0) GROUP BY voucher_id HAVING SUM(debit - credit) <> 0) t"
        " JOIN {voucher} v ON v.id = t.voucher_id WHERE v.state = 'posted' ORDER BY v.period, v.word, v.number",
        (*cash, patient.first, patient.last, patient.base_id),
    )
    for voucher_id, period, word, number, net in rows:
        yield Ailment(
            "cash_flow_missing",
            "warning",
            voucher_name(period, word, number),
            message("现金变动 {amount} 没有现金流量项目。", amount=patient.money(int(net))),
            message("现金流量表会少这一笔：请红字冲销后重填，并指定现金流量项目。"),
            at_voucher(voucher_id),
        )


def without_documents(patient: Patient) -> Iterator[Ailment]:
    """Yield posted vouchers without attachments; closing and correcting ones need none (《会计基础工作规范》 51(4))."""
    for row in _documentless(patient):
        yield Ailment(
            "documents_missing",
            "warning",
            voucher_name(row[1], row[2], row[3]),
            message("没有附件。"),
            message("除结账和更正错误的凭证外，凭证都要附原始凭证；请补上并注明张数。"),
            at_voucher(row[0]),
        )


def _documentless(patient: Patient) -> list[Row]:
    return fetch_all(
        "SELECT id, period, word, number FROM {voucher} WHERE state = 'posted' AND kind = 'normal'"
        " AND attachment_count = 0 AND reversal_of IS NULL AND correction_of IS NULL AND period BETWEEN ? AND ?"
        " ORDER BY period, word, number",
        (patient.first, patient.last),
    )
