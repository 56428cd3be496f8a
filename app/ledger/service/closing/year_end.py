"""The year's end: 本年利润 to 未分配利润, appropriations, then the details of 利润分配 to 未分配利润.

Transfers follow from the balances. The reserve and the dividends are decisions: they are proposed (公司法 art. 210:
10 % of the year's profit after the losses of earlier years are made good, until the reserve is half the capital), and
the carry-forward of the command line leaves them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from app.kernel.money import round_half_up
from app.kernel.text import message
from app.ledger.queries.closing import KeyBalance, carried_profit, closing_balances, turnovers
from app.ledger.service.closing.chart import ClosingAccount
from app.ledger.service.closing.profit_and_loss import counter
from app.ledger.service.closing.scene import Computation, Draft, Scene, no_rate, percent_text

DECEMBER = 12
STEP = "year_end"
APPROPRIATIONS = ("reserve_appropriated", "discretionary_appropriated", "profit_distributed")
"""Details of 利润分配 that are booked on their debit side."""


class Reserve(NamedTuple):
    """How the legal reserve of a year comes out, in minor units."""

    profit: int
    old_losses: int
    base: int
    wanted: int
    set_aside: int
    capital: int
    reserve: int
    percent: Decimal
    limit: Decimal
    source: str


def compute(scene: Scene) -> Computation:
    """Compute what the year's end still needs; nothing in other months than December."""
    found = transfers(scene, with_details=False)
    if found.blocked or scene.period % 100 != DECEMBER:
        return found
    appropriation = None
    if not scene.is_household:
        appropriation = _appropriate(scene, found)
        if appropriation is not None:
            found.drafts.append(appropriation)
    details = _detail_transfer(scene, found, appropriation)
    if details is not None:
        found.drafts.append(details)
    if not found.drafts:
        found.note = message("本年利润和利润分配的明细都已结平。")
    return found


def transfers(scene: Scene, *, with_details: bool = True) -> Computation:
    """Compute the transfers alone: 本年利润, and (`with_details`) what stands in the details of 利润分配."""
    found = Computation()
    if scene.period % 100 != DECEMBER:
        found.note = message("年末结转在 12 月进行。")
        return found
    if any(key.base or key.foreign for key in scene.balances(scene.chart.profit_and_loss())):
        found.blocked = message("请先结转损益，再做年末结转。")
        return found
    profit = scene.chart.find("profit_of_year")
    keys = [key for key in scene.balances(scene.chart.leaves(profit)) if key.base or key.foreign]
    if keys:
        found.drafts.append(_profit_transfer(scene, keys, scene.chart.need("undistributed")))
        amount = -sum(key.base for key in keys)
        label = message("本年利润（{name}）", name=profit.title if profit else "")
        found.show(label, scene.shown(amount), message("转入未分配利润；亏损为负"), total=True)
    if with_details:
        details = _detail_transfer(scene, found, None)
        if details is not None:
            found.drafts.append(details)
    return found


def _profit_transfer(scene: Scene, keys: Sequence[KeyBalance], target: ClosingAccount) -> Draft:
    """A profit leaves by the debit side, a loss by the credit side."""
    draft = Draft(scene, "close_year", "结转本年利润")
    _settle(draft, keys, target, on_credit=[key for key in keys if _stands_debit(key)])
    return draft


def _settle(
    draft: Draft, keys: Sequence[KeyBalance], target: ClosingAccount, *, on_credit: Sequence[KeyBalance]
) -> None:
    """Bring balances to nil, some by their credit side and the others by their debit side, red where it must be."""
    for credit, part in ((False, [key for key in keys if key not in on_credit]), (True, on_credit)):
        sign = 1 if credit else -1
        for key in part:
            draft.add(
                draft.scene.chart.by_id[key.account_id],
                key.base * sign,
                credit=credit,
                set_id=key.set_id,
                currency_id=key.currency_id,
                foreign=key.foreign * sign,
                quantity=key.quantity * sign,
            )
        counter(draft, part, target, credit=not credit)


def _stands_debit(key: KeyBalance) -> bool:
    return (key.base, key.foreign, key.quantity) > (0, 0, 0)


def _detail_transfer(scene: Scene, found: Computation, pending: Draft | None) -> Draft | None:
    """Close the details of 利润分配 other than 未分配利润, what the appropriation is about to book counted too."""
    chart = scene.chart
    root, target = chart.find("appropriation"), chart.leaf("undistributed")
    if root is None or target is None:
        return None
    details = [account for account in chart.leaves(root) if account.id != target.id]
    sums = {(key.account_id, key.currency_id, key.set_id): key for key in scene.balances(details)}
    by_code = {account.code: account for account in details}
    for entry in pending.entries if pending is not None else ():
        account = by_code.get(entry.account_code)
        if account is not None:
            place = (account.id, scene.base_id, 0)
            old = sums.get(place, KeyBalance(*place, 0, 0, 0))
            amount = scene.read_money(entry.debit) - scene.read_money(entry.credit)
            sums[place] = old._replace(base=old.base + amount)
    keys = [key for key in sums.values() if key.base or key.foreign]
    keys.sort(key=lambda key: (chart.by_id[key.account_id].code, key[1:3]))
    if not keys:
        return None
    scene.read_aux(key.set_id for key in keys)
    draft = Draft(scene, "close_year", "结转利润分配明细")
    on_debit = _closed_on_debit(scene, details)
    _settle(draft, keys, target, on_credit=[key for key in keys if key.account_id not in on_debit])
    for key in keys:
        account = chart.by_id[key.account_id]
        found.show(account.title, scene.shown(abs(key.base)), message("转入未分配利润"), account=account.code)
    return draft


def _closed_on_debit(scene: Scene, details: Sequence[ClosingAccount]) -> set[int]:
    """Return the details that are used on the credit side and so closed on the debit side, whatever their balance.

    The statement of appropriation reads the turnover of the side an appropriation is booked on: also one that was only
    taken back (red) must stay there when the account is closed. A book's own sides may differ; what a detail is for
    decides before them.
    """
    parts = {role: scene.chart.leaf(role) for role in (*APPROPRIATIONS, "losses_made_good")}
    ids = {role: account.id for role, account in parts.items() if account is not None}
    found = {account.id for account in details if account.is_credit}
    return (found - {ids[role] for role in APPROPRIATIONS if role in ids}) | (
        {ids["losses_made_good"]} if "losses_made_good" in ids else set()
    )


def reserve_due(scene: Scene) -> Reserve | None:
    """Compute the legal reserve of the year, or `None` where the law asks for none or no rate is known."""
    chart = scene.chart
    percent, limit = scene.rate("legal_reserve"), scene.rate("legal_reserve_limit")
    undistributed, legal = chart.leaf("undistributed"), chart.leaf("legal_reserve")
    if percent is None or limit is None or undistributed is None or legal is None:
        return None
    profit_ids = [one.id for one in chart.leaves(chart.find("profit_of_year"))]
    profit = carried_profit(scene.year_begin, scene.period, profit_ids)
    opening = closing_balances(scene.year_begin + 1, [undistributed.id], upto=False)
    made_good = chart.leaf("losses_made_good")
    returned = 0
    if made_good is not None and made_good.id != undistributed.id:
        returned = sum(one.credit for one in turnovers(scene.year_begin, scene.period, [made_good.id]))
    old_losses = max(sum(key.base for key in opening) - returned, 0)
    capital = -sum(key.base for key in scene.balances(chart.leaves(chart.find("capital"))))
    reserve = -sum(key.base for key in scene.balances([legal]))
    set_aside = _moved(scene, "reserve_appropriated", "legal_reserve")
    base = max(profit - old_losses, 0)
    wanted = round_half_up(Decimal(base) * Decimal(percent.value) / 100)
    room = max(round_half_up(Decimal(capital) * Decimal(limit.value) / 100) - (reserve - set_aside), 0)
    return Reserve(
        *(profit, old_losses, base, min(wanted, room), set_aside, capital, reserve - set_aside),
        *(Decimal(percent.value), Decimal(limit.value), percent.source),
    )


def _appropriate(scene: Scene, found: Computation) -> Draft | None:
    due = reserve_due(scene)
    if due is None:
        found.warnings.append(no_rate(scene, message("法定盈余公积比例")))
        return None
    _show_reserve(scene, found, due)
    chart = scene.chart
    draft = Draft(scene, "normal", "利润分配")
    note = str(message("全年合计，可改；本年已经提过或分过的不再重复"))
    total = 0
    for key, source, target, name, wanted in (
        # never less than what was set aside: giving a reserve back is no computation
        (
            *("legal_reserve", "reserve_appropriated", "legal_reserve", message("提取法定盈余公积")),
            max(due.wanted, due.set_aside),
        ),
        *(
            (key, source, target, name, _moved(scene, source, target))
            for key, source, target, name in (
                ("discretionary", "discretionary_appropriated", "discretionary_reserve", message("提取任意盈余公积")),
                ("dividends", "profit_distributed", "profit_payable", message("向投资者分配利润")),
            )
            if chart.has(source) or chart.has(target)
        ),
    ):
        amount = scene.ask_amount(key, str(name), wanted, note=note)
        total += amount
        missing = amount - _moved(scene, source, target)
        if missing:
            draft.add(chart.need(source), missing, credit=False, summary=name.source)
            draft.add(chart.need(target), missing, credit=True, summary=name.source)
    available = max(due.profit - due.old_losses, 0)
    if total > available:
        found.warnings.append(
            message(
                "分配合计 {total} 超过弥补亏损后的本年利润 {available}，请确认用的是以前年度的未分配利润。",
                total=scene.shown(total),
                available=scene.shown(available),
            )
        )
    return draft if draft.entries else None


def _moved(scene: Scene, source: str, target: str) -> int:
    """Return what was appropriated this year: by the detail of 利润分配, else by the account it goes to."""
    chart = scene.chart
    detail = chart.leaf(source) if chart.has(source) else None
    if detail is not None:
        return sum(one.debit for one in turnovers(scene.year_begin, scene.period, [detail.id]))
    ids = [one.id for one in chart.leaves(chart.find(target))]
    if target == "profit_payable":
        return sum(one.credit - one.debit for one in scene.booked(STEP) if one.account_id in ids)
    return sum(one.credit for one in turnovers(scene.year_begin, scene.period, ids))


def _show_reserve(scene: Scene, found: Computation, due: Reserve) -> None:
    found.show(message("本年净利润"), scene.shown(due.profit), message("转入未分配利润前的本年利润"))
    found.show(
        message("减：以前年度亏损"), scene.shown(due.old_losses), message("未分配利润年初借方余额，减本年盈余公积补亏")
    )
    found.show(message("计提基数"), scene.shown(due.base), message("弥补亏损后的净利润"))
    found.show(message("法定盈余公积比例"), percent_text(due.percent), due.source)
    limit = message(
        "法定盈余公积已有 {reserve}，达到实收资本 {capital} 的 {limit} 可不再提",
        reserve=scene.shown(due.reserve),
        capital=scene.shown(due.capital),
        limit=percent_text(due.limit),
    )
    found.show(message("应提法定盈余公积"), scene.shown(due.wanted), limit, total=True)
    if due.set_aside:
        found.show(message("本年已提"), scene.shown(due.set_aside), message("提取法定盈余公积本年借方发生额"))
