"""Whether what is open by contact adds up to the ledger: the ageing analysis, and the documents' open amounts."""

from __future__ import annotations

from collections.abc import Iterator

from app.kernel.text import message
from app.reports.chart import read_chart
from app.reports.doctor.finding import Ailment, at_entries
from app.reports.doctor.patient import Patient, Standing
from app.reports.request import LAYER_POSTED
from app.reports.trade.open_accounts import open_accounts
from app.reports.trade.open_items import read_open_items


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
