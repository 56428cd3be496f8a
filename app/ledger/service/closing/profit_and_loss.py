"""结转损益: every profit-and-loss balance to 本年利润, on the usual closing side of the account, red if it is abnormal.

Every leaf × auxiliary set × currency is brought to nil, foreign amount and quantity too (小企业会计准则, 3103).
The balances themselves say what is missing, so an addition after the carry-forward makes a further voucher.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from app.kernel.text import message
from app.ledger.queries.closing import KeyBalance
from app.ledger.service.closing.chart import ClosingAccount
from app.ledger.service.closing.scene import MOST_LINES, Computation, Draft, Scene

SUMMARY = "结转损益"
SUMMARY_INCOME = "结转收入"
SUMMARY_EXPENSE = "结转费用"


def compute(scene: Scene) -> Computation:
    """Compute what is not carried forward yet."""
    found = Computation()
    keys = scene.balances(scene.chart.profit_and_loss())
    if not any(key.base or key.foreign for key in keys):
        # Pieces alone make no voucher; they go along with the next amount that is carried.
        found.note = message("各损益科目的余额都是零。")
        return found
    scene.read_aux(key.set_id for key in keys)
    target = scene.chart.need("profit_of_year")
    prior = {one.id for one in scene.chart.leaves(scene.chart.find("prior_years"))}
    income = [key for key in keys if scene.chart.by_id[key.account_id].is_credit and key.account_id not in prior]
    expense = [key for key in keys if not scene.chart.by_id[key.account_id].is_credit and key.account_id not in prior]
    if scene.parameters.profit_vouchers == "separate":
        found.drafts.extend(_carried(scene, income, target, SUMMARY_INCOME))
        found.drafts.extend(_carried(scene, expense, target, SUMMARY_EXPENSE))
    else:
        found.drafts.extend(_carried(scene, income + expense, target, SUMMARY))
    adjusted = [key for key in keys if key.account_id in prior]
    if adjusted:
        # 企业会计准则应用指南, 6901: 以前年度损益调整 goes to 利润分配——未分配利润, never through this year's profit.
        found.drafts.extend(_carried(scene, adjusted, scene.chart.need("undistributed"), "结转以前年度损益调整"))
    _show(scene, found, keys, prior)
    return found


def _carried(scene: Scene, keys: Sequence[KeyBalance], target: ClosingAccount, summary: str) -> Iterator[Draft]:
    for start in range(0, len(keys), MOST_LINES):
        part = keys[start : start + MOST_LINES]
        if not any(key.base or key.foreign for key in part):
            continue
        draft = Draft(scene, "close_pl", summary)
        income = [key for key in part if scene.chart.by_id[key.account_id].is_credit]
        expense = [key for key in part if not scene.chart.by_id[key.account_id].is_credit]
        for key in income:
            close_key(draft, key, scene.chart.by_id[key.account_id])
        counter(draft, income, target, credit=True)
        counter(draft, expense, target, credit=False)
        for key in expense:
            close_key(draft, key, scene.chart.by_id[key.account_id])
        yield draft


def close_key(draft: Draft, key: KeyBalance, account: ClosingAccount) -> None:
    """Add the line that brings a balance to nil on the account's usual closing side; an abnormal one comes out red."""
    sign = -1 if account.is_credit else 1
    draft.add(
        account,
        key.base * sign,
        credit=not account.is_credit,
        set_id=key.set_id,
        currency_id=key.currency_id,
        foreign=key.foreign * sign,
        quantity=key.quantity * sign,
    )


def counter(draft: Draft, keys: Iterable[KeyBalance], target: ClosingAccount, *, credit: bool) -> None:
    """Add the other side in one line of base currency, and one a commodity that has no base value to balance in."""
    sign = -1 if credit else 1
    total = 0
    unvalued: dict[int, int] = {}
    for key in keys:
        total += key.base * sign
        if not key.base and key.foreign:
            unvalued[key.currency_id] = unvalued.get(key.currency_id, 0) + key.foreign * sign
    if total:
        draft.add(target, total, credit=credit)
    for currency_id, foreign in sorted(unvalued.items()):
        if foreign:
            draft.add(target, 0, credit=credit, currency_id=currency_id, foreign=foreign)


def _show(scene: Scene, found: Computation, keys: Sequence[KeyBalance], prior: set[int]) -> None:
    income = expense = 0
    for key in keys:
        account = scene.chart.by_id[key.account_id]
        amount = -key.base if account.is_credit else key.base
        if key.account_id not in prior:
            income, expense = (income + amount, expense) if account.is_credit else (income, expense + amount)
        aux = scene.aux(key.set_id)
        side = message("贷方余额") if account.is_credit else message("借方余额")
        found.show(f"{account.title} {aux}".strip(), scene.shown(amount), side, account=account.code, aux=aux)
    found.show(message("收入合计"), scene.shown(income), total=True)
    found.show(message("费用合计"), scene.shown(expense), total=True)
    found.show(message("转入本年利润"), scene.shown(income - expense), message("收入合计 − 费用合计"), total=True)
