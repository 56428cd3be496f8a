"""Whether stock is worth what the ledger says, account by account and month by month."""

from __future__ import annotations

from collections.abc import Iterator

from app.contract.doctor import Severity
from app.inventory.queries.agreement import agreement
from app.kernel.text import message
from app.reports.doctor.finding import Ailment, at_entries
from app.reports.doctor.patient import Patient


def stock_ledger(patient: Patient) -> Iterator[Ailment]:
    """Yield the accounts stock keeps whose balance is not what stock is worth, each month by which they part further.

    Vouchers that are not posted yet count. In a closed month it is an error: somebody booked on the account beside the
    documents, or an opening was not entered on both sides.
    """
    known: dict[str, int] = {}
    for period in patient.months:
        for row in agreement(period):
            before, known[row.account_code] = known.get(row.account_code, 0), row.difference
            if row.difference == before:
                continue
            severity: Severity = "error" if period in patient.closed else "warning"
            if not row.difference:
                continue
            yield Ailment(
                "stock_ledger",
                severity,
                f"{row.account_code} {row.account_name}",
                message(
                    "库存账与总账不符：{period} 总账余额 {ledger}，库存合计 {stock}，差 {difference}。",
                    period=patient.named(period),
                    ledger=patient.money(row.ledger_minor),
                    stock=patient.money(row.stock_minor),
                    difference=patient.money(row.difference),
                ),
                message("请查看这个科目里不是由单据生成的凭证，或补录期初库存、盘点。"),
                at_entries(row.account_code, period, period),
            )
