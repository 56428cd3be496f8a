"""试算平衡表: what debits and credits come to at the opening, in the months, in the year and at the end."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from app.identity.actor import Actor
from app.reports.request import Report, ReportRequest, ReportRow
from app.reports.trial_balance import balance_totals

EQUALITIES = {
    "opening": "期初余额",
    "period": "本期发生额",
    "ytd": "本年累计发生额",
    "closing": "期末余额",
}


def trial_balance_check(actor: Actor, request: ReportRequest) -> Report:
    """Return the equalities of a trial balance: opening, turnover of the span and of the year, closing.

    `difference` is debit less credit, and `balanced` tells whether there is none. Balances are those of the first level
    of accounts, each on the side of its net. Needs `reports:trial-balance-check:view`.
    """
    actor.require("reports:trial-balance-check:view")
    totals = balance_totals(dataclasses.replace(request, account_code="", aux=""))
    rows: list[ReportRow] = []
    for item, name in EQUALITIES.items():
        debit, credit = totals[f"{item}_debit"], totals[f"{item}_credit"]
        difference = Decimal(debit) - Decimal(credit)
        rows.append(
            {
                "item": item,
                "name_zh": name,
                "debit": debit,
                "credit": credit,
                "difference": str(difference),
                "balanced": not difference,
            }
        )
    return Report(rows)
