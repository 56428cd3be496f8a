"""VAT at the month's end (财会〔2016〕22号): what is owed leaves the columns of 应交增值税, an excess of input stays.

General taxpayers: 应交增值税 before this month's transfer, if it is owed, Dr 转出未交增值税 Cr 未交增值税; tax paid for
the month beyond what is owed, Dr 未交增值税 Cr 转出多交增值税. Small-scale taxpayers: nothing monthly; when the
quarter's sales stay below the threshold, the quarter's tax Dr 应交增值税 Cr 减免税款.
"""

from __future__ import annotations

from typing import NamedTuple

from app.kernel.period import format_period
from app.kernel.text import message
from app.ledger.queries.closing import turnovers
from app.ledger.service.closing.chart import ClosingAccount
from app.ledger.service.closing.scene import Computation, Draft, Scene, no_rate

STEP = "vat"


class VatMonth(NamedTuple):
    """A general taxpayer's month, in minor units."""

    owed: int
    """应交增值税, credit positive, before this month's transfers."""
    out: int
    """转出未交增值税 that is booked this month."""
    over: int
    """转出多交增值税 that is booked this month."""
    paid: int
    """已交税金 of this month."""

    @property
    def wanted_out(self) -> int:
        """Return what 转出未交增值税 must be."""
        return max(self.owed, 0)

    @property
    def wanted_over(self) -> int:
        """Return what 转出多交增值税 must be: what was paid for this month beyond what it owes."""
        return min(max(-self.owed, 0), max(self.paid, 0))


def compute(scene: Scene) -> Computation:
    """Compute what VAT needs this month."""
    found = Computation()
    if scene.is_household or not scene.chart.has("vat"):
        found.note = message("没有应交增值税科目，不用结转增值税。")
        return found
    return _small(scene, found) if scene.is_small_taxpayer else _general(scene, found)


def vat_month(scene: Scene) -> VatMonth:
    """Read a general taxpayer's month."""
    chart = scene.chart
    vat = chart.leaves(chart.find("vat"))
    net = -sum(key.base for key in scene.balances(vat))

    def moved(role: str, *, credit: bool) -> int:
        if not chart.has(role):
            return 0
        ids = [one.id for one in chart.leaves(chart.find(role))]
        sums = turnovers(scene.period, scene.period, ids)
        return sum(one.credit - one.debit if credit else one.debit - one.credit for one in sums)

    out, over = moved("vat_out", credit=False), moved("vat_over", credit=True)
    return VatMonth(net + out - over, out, over, moved("vat_paid", credit=False))


def _general(scene: Scene, found: Computation) -> Computation:
    chart = scene.chart
    month = vat_month(scene)
    first = chart.find("vat")
    for account in chart.leaves(first):
        moved = turnovers(scene.period, scene.period, [account.id])
        amount = sum(one.credit - one.debit if account.is_credit else one.debit - one.credit for one in moved)
        if amount:
            side = message("本月贷方净额") if account.is_credit else message("本月借方净额")
            found.show(account.title, scene.shown(amount), side, account=account.code)
    note = message("应交增值税各专栏月末净额，不含本月已转出；负数是多交或留抵")
    found.show(message("本月应交增值税"), scene.shown(month.owed), note, total=True)
    if month.out or month.over:
        found.show(message("本月已转出未交"), scene.shown(month.out))
        found.show(message("本月已转出多交"), scene.shown(month.over))
    draft = Draft(scene, "transfer", "结转未交增值税")
    out = month.wanted_out - month.out
    if out:
        draft.add(chart.need("vat_out"), out, credit=False)
        draft.add(chart.need("vat_unpaid"), out, credit=True)
    over = month.wanted_over - month.over
    if over:
        draft.add(chart.need("vat_unpaid"), over, credit=False, summary="结转多交增值税")
        draft.add(chart.need("vat_over"), over, credit=True, summary="结转多交增值税")
    kept = -month.owed - month.wanted_over
    if month.owed < 0 and kept:
        found.show(message("留抵税额"), scene.shown(kept), message("留在应交增值税借方，下月继续抵扣"), total=True)
    if draft.entries:
        found.drafts.append(draft)
    else:
        found.note = message("没有要转出的增值税。")
    return found


def quarter_of(period: int) -> int:
    """Return the first month of a month's quarter."""
    return period - (period % 100 - 1) % 3


def ends_quarter(period: int) -> bool:
    """Tell whether a month ends a quarter."""
    return period % 100 % 3 == 0


def _revenue(scene: Scene) -> list[ClosingAccount]:
    chart = scene.chart
    return [*chart.leaves(chart.find("main_revenue")), *chart.leaves(chart.find("other_revenue"))]


def quarter_tax(scene: Scene, account_ids: list[int]) -> int:
    """Return the VAT a small-scale taxpayer's quarter gave rise to: the credits of 应交增值税."""
    return sum(one.credit for one in turnovers(quarter_of(scene.period), scene.period, account_ids))


def exempted(scene: Scene, account_ids: list[int]) -> int:
    """Return the tax of the quarter that vouchers of this step took as exempt."""
    return sum(one.debit - one.credit for one in scene.booked(STEP) if one.account_id in account_ids)


def _small(scene: Scene, found: Computation) -> Computation:
    if not scene.parameters.vat_exempt:
        found.note = message("结账参数里没有打开小规模纳税人免税。")
        return found
    if not ends_quarter(scene.period):
        found.note = message("小规模纳税人按季度申报，季末再看是否免税。")
        return found
    threshold = scene.rate("small_exempt_quarter")
    if threshold is None:
        found.note = no_rate(scene, message("小规模纳税人季度免税销售额"))
        return found
    chart = scene.chart
    ids = [one.id for one in chart.leaves(chart.find("vat"))]
    first = quarter_of(scene.period)
    sales = sum(one.credit - one.debit for one in turnovers(first, scene.period, [one.id for one in _revenue(scene)]))
    span = message("{first} 至 {last} 的营业收入贷方净额", first=format_period(first), last=format_period(scene.period))
    sales = scene.ask_amount("quarter_sales", str(message("本季不含税销售额")), sales, note=str(span))
    special = scene.ask_amount(
        "special_tax", str(message("其中已开专用发票的税额")), 0, note=str(message("开了专用发票的销售不免税"))
    )
    limit = scene.ask_amount(
        "threshold",
        str(message("季度免税销售额")),
        scene.read_money(threshold.value),
        note=threshold.source,
    )
    tax, done = quarter_tax(scene, ids), exempted(scene, ids)
    standing = -sum(key.base for key in scene.balances(chart.leaves(chart.find("vat")))) + done
    found.show(message("本季不含税销售额"), scene.shown(sales), span)
    found.show(message("季度免税销售额"), scene.shown(limit), threshold.source)
    found.show(message("本季应交增值税"), scene.shown(tax), message("应交增值税本季贷方发生额"))
    wanted = max(min(tax, standing) - special, 0) if sales <= limit else 0
    found.show(message("免征税额"), scene.shown(wanted), message("超过免税销售额则为零"), total=True)
    missing = wanted - done
    if missing:
        draft = Draft(scene, "transfer", "结转小规模纳税人免征增值税")
        vat = chart.need("vat")
        draft.add(vat, missing, credit=False)
        draft.add(chart.need("relief_income"), missing, credit=True)
        found.drafts.append(draft)
    else:
        found.note = message("本季没有要结转的免征税额。")
    return found
