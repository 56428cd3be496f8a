"""结转成本: production first, then the cost of what was sold, by the book's method.

Weighted average at the month's end (小企业会计准则 art. 13): (opening + receipts) ÷ quantity, per leaf × auxiliary. No
rounded unit cost is kept: the amount is computed once from the whole, and the last piece takes what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from app.kernel.money import QUANTITY_DIGITS, format_quantity, round_half_up
from app.kernel.text import message
from app.ledger.queries.closing import quantity_closed, stock_issues, turnovers
from app.ledger.service.closing.chart import ClosingAccount
from app.ledger.service.closing.fitting import fitting_set
from app.ledger.service.closing.manufacturing import Place, produce
from app.ledger.service.closing.scene import Computation, Draft, Scene, percent_text
from app.storage.book_settings import get_setting

STEP = "cost"
SUMMARY = "结转销售成本"


class Stock(NamedTuple):
    """What one account × auxiliary set of stock has this month before the cost of sales took anything out."""

    account: ClosingAccount
    set_id: int
    amount: int
    quantity: int
    booked_amount: int
    booked_quantity: int
    counts: bool
    """Whether pieces were ever counted here this year; without it a quantity of nil says nothing."""
    returned: int
    """Pieces that came back this month by vouchers of their own."""

    @property
    def key(self) -> str:
        """Return what inputs of this stock are called by."""
        return f"{self.account.code}.{self.set_id}"


def compute(scene: Scene) -> Computation:
    """Compute the cost that is missing this month."""
    found = Computation()
    if scene.is_household:
        found.note = message("家庭账不结转成本。")
        return found
    received = produce(scene, found)
    method = scene.parameters.cost_method
    stocks = [] if method == "none" else _stocks(scene, received)
    if stocks:
        draft = Draft(scene, "transfer", SUMMARY)
        if method == "average":
            _average(scene, found, draft, stocks)
        elif method == "typed":
            _typed(scene, draft, stocks)
        else:
            _percent(scene, found, draft, stocks)
        if draft.entries:
            found.drafts.append(draft)
    scene.require_readable()
    if not found.drafts:
        found.note = message("没有要结转的成本。")
    return found


def _stocks(scene: Scene, received: Mapping[Place, tuple[int, int]]) -> list[Stock]:
    chart = scene.chart
    governed = set(get_setting("governed_accounts", []))  # stock keeps these: what leaves them is booked there
    accounts = [
        one
        for one in chart.accounts
        if one.is_leaf and one.has_quantity and one.category == "资产" and one.id not in governed
    ]
    ids = [one.id for one in accounts]
    sums: dict[Place, list[int]] = {}
    for key in scene.balances(accounts):
        if key.currency_id == scene.base_id:
            sums[key.account_id, key.set_id] = [key.base, key.quantity, 0, 0]
    for place, (amount, quantity) in received.items():
        row = sums.setdefault(place, [0, 0, 0, 0])
        row[0], row[1] = row[0] + amount, row[1] + quantity
    costs = [*chart.leaves(chart.find("main_cost")), *chart.leaves(chart.find("other_cost"))]
    returned: dict[Place, int] = {}
    for issue in stock_issues(scene.period, STEP, ids, [one.id for one in costs]):
        place = (issue.account_id, issue.set_id)
        if not issue.is_own and (issue.amount, issue.quantity) < (0, 0):
            # A return somebody booked at its own cost came back into stock; what was sold goes out in full.
            returned[place] = returned.get(place, 0) - issue.quantity
            continue
        row = sums.setdefault(place, [0, 0, 0, 0])
        row[0], row[1] = row[0] + issue.amount, row[1] + issue.quantity
        row[2], row[3] = row[2] + issue.amount, row[3] + issue.quantity
    counted = {
        (one.account_id, one.set_id)
        for one in turnovers(scene.year_begin, scene.period, ids)
        if one.quantity_debit or one.quantity_credit
    }
    scene.read_aux(set_id for _, set_id in sums)
    return [
        Stock(
            chart.by_id[place[0]],
            place[1],
            row[0],
            row[1],
            row[2],
            row[3],
            place in counted or bool(row[1]),
            returned.get(place, 0),
        )
        for place, row in sorted(sums.items(), key=lambda item: (chart.by_id[item[0][0]].code, item[0][1]))
    ]


def _average(scene: Scene, found: Computation, draft: Draft, stocks: list[Stock]) -> None:
    goods = [stock for stock in stocks if _is_merchandise(scene, stock.account)]
    materials = [stock for stock in stocks if stock not in goods]
    by_class = (_Sold(scene, goods, "main_revenue"), _Sold(scene, materials, "other_revenue"))
    for stock in stocks:
        if not stock.counts:
            continue
        sold = by_class[0] if stock in goods else by_class[1]
        aux = scene.aux(stock.set_id)
        title = f"{stock.account.title} {aux}".strip()
        default, source = sold.of(stock)
        quantity = scene.ask_quantity(
            f"sold.{stock.key}",
            str(message("{stock}：本月销售数量", stock=title)),
            default,
            note=str(source),
            group=title,
        )
        if quantity > max(stock.quantity, 0) or (quantity < 0 and stock.quantity <= 0):
            found.warnings.append(
                message(
                    "{stock}：销售 {sold}，库存只有 {have}，请先补记入库或改数量。",
                    stock=title,
                    sold=format_quantity(quantity, QUANTITY_DIGITS),
                    have=format_quantity(stock.quantity, QUANTITY_DIGITS),
                )
            )
            continue
        cost = stock.amount
        if quantity != stock.quantity:
            cost = round_half_up(Decimal(stock.amount) * quantity / stock.quantity) if quantity else 0
        _show(scene, found, stock, quantity, cost)
        _issue(scene, draft, stock, cost - stock.booked_amount, quantity - stock.booked_quantity)


def _show(scene: Scene, found: Computation, stock: Stock, quantity: int, cost: int) -> None:
    aux = scene.aux(stock.set_id)
    have = format_quantity(stock.quantity, QUANTITY_DIGITS)
    sold = format_quantity(quantity, QUANTITY_DIGITS)
    how = message("库存 {amount} ÷ {have} × {sold}", amount=scene.shown(stock.amount), have=have, sold=sold)
    if quantity == stock.quantity:
        how = message("全部 {have} 售出，结转全部金额", have=have)
    title = f"{stock.account.title} {aux}".strip()
    found.show(title, scene.shown(cost), how, account=stock.account.code, aux=aux)
    if stock.booked_amount:
        found.show(message("减：已结转"), scene.shown(stock.booked_amount))


def _issue(scene: Scene, draft: Draft, stock: Stock, amount: int, quantity: int) -> None:
    """Take stock out: Dr the cost it becomes, Cr the stock; less than before comes out red."""
    if not amount and not quantity:
        return
    if amount:
        cost = scene.chart.need("main_cost" if _is_merchandise(scene, stock.account) else "other_cost")
        draft.add(cost, amount, credit=False, set_id=fitting_set(cost, stock.set_id))
    draft.add(stock.account, amount, credit=True, set_id=stock.set_id, quantity=quantity)


def _is_merchandise(scene: Scene, account: ClosingAccount) -> bool:
    """Tell whether what is sold from here is the main business: everything but raw materials."""
    return account not in scene.chart.leaves(scene.chart.find("materials"))


def _typed(scene: Scene, draft: Draft, stocks: Iterable[Stock]) -> None:
    for stock in stocks:
        title = f"{stock.account.title} {scene.aux(stock.set_id)}".strip()
        amount = scene.ask_amount(
            f"cost.{stock.key}",
            str(message("{stock}：本月销售成本", stock=title)),
            stock.booked_amount,
            note=str(message("本月合计；可用 {have}", have=scene.shown(stock.amount))),
            group=title,
        )
        quantity = stock.booked_quantity
        if stock.counts:
            label = str(message("{stock}：本月销售数量", stock=title))
            quantity = scene.ask_quantity(f"sold.{stock.key}", label, stock.booked_quantity, group=title)
        _issue(scene, draft, stock, amount - stock.booked_amount, quantity - stock.booked_quantity)


def _percent(scene: Scene, found: Computation, draft: Draft, stocks: list[Stock]) -> None:
    chart = scene.chart
    revenue = [one.id for one in chart.leaves(chart.find("main_revenue"))]
    sales = sum(one.credit - one.debit for one in turnovers(scene.period, scene.period, revenue))
    percent = scene.ask_percent("percent", str(message("成本占收入的比例")), "0")
    whole = round_half_up(Decimal(sales) * percent / 100)
    found.show(message("本月主营业务收入"), scene.shown(sales))
    found.show(message("销售成本"), scene.shown(whole), f"{scene.shown(sales)} × {percent_text(percent)}", total=True)
    goods = [stock for stock in stocks if _is_merchandise(scene, stock.account) and stock.amount > 0]
    have = sum(stock.amount for stock in goods)
    if whole > have:
        found.warnings.append(
            message("销售成本 {cost} 超过库存 {have}。", cost=scene.shown(whole), have=scene.shown(have))
        )
        return
    left = whole
    for stock in goods:
        share = left if stock is goods[-1] else round_half_up(Decimal(whole) * stock.amount / have)
        left -= share
        _issue(scene, draft, stock, share - stock.booked_amount, 0)


class _Sold:
    """Quantities sold this month by the lines of revenue, found again for an article of stock."""

    def __init__(self, scene: Scene, stocks: list[Stock], revenue: str) -> None:
        ids = [one.id for one in scene.chart.leaves(scene.chart.find(revenue))]
        closed = quantity_closed(scene.period, scene.period, ids)
        self._by_set: dict[int, int] = {}
        for one in turnovers(scene.period, scene.period, ids):
            debit, credit = closed.get((one.account_id, one.set_id), (0, 0))
            quantity = (one.quantity_credit - credit) - (one.quantity_debit - debit)
            self._by_set[one.set_id] = self._by_set.get(one.set_id, 0) + quantity
        scene.read_aux(self._by_set)
        self._by_item: dict[str, int] = {}
        for set_id, quantity in self._by_set.items():
            for item in _items(scene.aux(set_id)):
                self._by_item[item] = self._by_item.get(item, 0) + quantity
        self._scene = scene
        self._set_uses: dict[int, int] = {}
        for stock in stocks:
            self._set_uses[stock.set_id] = self._set_uses.get(stock.set_id, 0) + 1

    def of(self, stock: Stock) -> tuple[int, object]:
        """Return how much of an article revenue lines say was sold, and where that comes from.

        Only a set that stands for one article tells anything; items of the same name (存货, 产品) count as the same.
        """
        if self._set_uses[stock.set_id] > 1:
            return stock.booked_quantity, message("请填写本月销售数量")
        if self._by_set.get(stock.set_id):
            sold = self._by_set[stock.set_id] + stock.returned
            return sold, message("收入科目同一辅助核算的本月数量")
        items = _items(self._scene.aux(stock.set_id))
        if len(items) == 1 and self._by_item.get(items[0]):
            return self._by_item[items[0]] + stock.returned, message("收入科目同名项目的本月数量")
        return stock.booked_quantity, message("请填写本月销售数量")


def _items(aux: str) -> list[str]:
    return [part.partition(":")[2] for part in aux.split(";") if part]
