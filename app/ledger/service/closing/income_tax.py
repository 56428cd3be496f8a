"""Income tax: the year's profit so far at the rate, less what was accrued so far; quarterly, or once a year.

The text of 小企业会计准则 computes it at the year's end; paying in advance by month or quarter is the law (企业所得税法
art. 54), and accruing with it is practice.
"""

from __future__ import annotations

import json
from decimal import Decimal

from app.kernel.money import round_half_up
from app.kernel.text import message
from app.ledger.queries.closing import turnovers
from app.ledger.service.closing.scene import Computation, Draft, Scene, no_rate, percent_text
from app.ledger.service.closing.vat import ends_quarter
from app.storage.database import fetch_one

STEP = "income_tax"
SUMMARY = "计提企业所得税"


def _adjusted_before(scene: Scene) -> int:
    """Return the adjustments typed for an earlier month of the year: they hold for the whole of it."""
    row = fetch_one(
        "SELECT parameters FROM {closing_step} WHERE step = ? AND period > ? AND period < ?"
        " ORDER BY period DESC LIMIT 1",
        (STEP, scene.year_begin, scene.period),
    )
    text = str(json.loads(row[0]).get("adjustment", "")) if row else ""
    return scene.read_money(text)


def compute(scene: Scene) -> Computation:
    """Compute the income tax that is missing so far this year."""
    found = Computation()
    method = scene.parameters.income_tax_method
    if scene.is_household or method == "none":
        found.note = message("不计提企业所得税。")
        return found
    if not (ends_quarter(scene.period) if method == "quarterly" else scene.period % 100 == 12):
        found.note = (
            message("企业所得税按季度计提，本月不是季末。")
            if method == "quarterly"
            else message("企业所得税在年末计提。")
        )
        return found
    key = "small_profit_income_tax" if scene.parameters.small_low_profit else "income_tax"
    rate = scene.rate("small_profit_income_tax" if key == "small_profit_income_tax" else "income_tax")
    if rate is None:
        found.note = no_rate(scene, message("企业所得税税率"))
        return found
    chart = scene.chart
    expense = chart.need("income_tax_expense")
    tax_ids = {one.id for one in chart.leaves(chart.find("income_tax_expense"))}
    left_out = tax_ids | {one.id for one in chart.leaves(chart.find("prior_years"))}
    profit = accrued = 0
    for one in turnovers(scene.year_begin, scene.period, [account.id for account in chart.profit_and_loss()]):
        if one.account_id in tax_ids:
            accrued += one.debit - one.credit
        if one.account_id not in left_out:
            profit += one.credit - one.debit
    note = message("本年各损益科目累计净额，不含所得税费用和结转凭证")
    profit = scene.ask_amount("profit", str(message("本年累计利润总额")), profit, note=str(note))
    adjustment = scene.ask_amount(
        "adjustment",
        str(message("纳税调整")),
        _adjusted_before(scene),
        note=str(message("调增为正；调减、弥补以前年度亏损为负")),
    )
    percent = scene.ask_percent("rate", str(message("税率")), rate.value, note=rate.source)
    scene.require_readable()
    income = max(profit + adjustment, 0)
    wanted = round_half_up(Decimal(income) * percent / 100)
    found.show(message("本年累计利润总额"), scene.shown(profit), note)
    found.show(message("纳税调整"), scene.shown(adjustment))
    found.show(message("应纳税所得额"), scene.shown(income), message("亏损按零计算"), total=True)
    found.show(message("本年累计应纳所得税"), scene.shown(wanted), f"{scene.shown(income)} × {percent_text(percent)}")
    found.show(message("减：本年已计提"), scene.shown(accrued), message("所得税费用本年累计净额"))
    found.show(message("本次计提"), scene.shown(wanted - accrued), total=True)
    if wanted != accrued:
        draft = Draft(scene, "transfer", SUMMARY)
        draft.add(expense, wanted - accrued, credit=False)
        draft.add(chart.need("income_tax_payable"), wanted - accrued, credit=True)
        found.drafts.append(draft)
    else:
        found.note = message("本年已经计提足额的企业所得税。")
    return found
