"""What may change under stock that is there: the method of costing, and the account it stands on."""

from __future__ import annotations

import pytest

from app.contract.inventory import Costing, ItemCategoryInput, ItemChange
from app.contract.stock import MonthCostingInput, PostingRuleInput
from app.identity.actor import Actor
from app.inventory.integrity import stock_flaws
from app.inventory.queries.agreement import agreement
from app.inventory.queries.items import get_item
from app.inventory.queries.posting import list_rules
from app.inventory.service.categories import create_category
from app.inventory.service.items import change_item
from app.inventory.service.month_costing import cost_month
from app.inventory.service.posting_rules import set_rule
from app.kernel.errors import RuleBroken
from app.ledger.service.periods import close_period
from app.web.composition import join_slices
from tests.inventory.warehouse import SCALE, Desk, in_ledger, in_stock, line


@pytest.mark.parametrize("first", ["monthly", "moving", "fifo"])
@pytest.mark.parametrize("second", ["moving", "fifo", "monthly"])
def test_another_method_goes_on_with_what_is_there(owner: Actor, first: Costing, second: Costing) -> None:
    join_slices()
    desk = Desk(owner)
    item = desk.item("A", first)
    desk.done("other_in", "2026-01-05", line(item, "10", "100"))
    desk.done("other_out", "2026-01-06", line(item, "4"))
    close_period(owner, 202601, carry=True)
    change_item(owner, item.id, ItemChange(costing=second, version=get_item(item.id).version))
    desk.done("other_out", "2026-02-10", line(item, "3"))
    desk.done("other_in", "2026-02-05", line(item, "3", "60"))
    cost_month(owner, MonthCostingInput(period="2026-02"))
    assert in_stock() == (6 * SCALE, 9000 if second == "fifo" else 8000)
    assert in_ledger() == in_stock()[1]
    assert [row.difference for row in agreement(202602)] == [0]
    assert list(stock_flaws()) == []


def test_the_account_stays_under_goods_that_were_moved(owner: Actor) -> None:
    desk = Desk(owner)
    raw = create_category(owner, ItemCategoryInput(name="原材料"))
    set_rule(owner, PostingRuleInput(purpose="stock", category_id=raw.id, account_code="1403"))
    shown = [(rule.category, rule.account_code) for rule in list_rules().rules if rule.purpose == "stock"]
    assert shown == [("", "1405"), ("原材料", "1403")]
    item = desk.item("A")
    change_item(owner, item.id, ItemChange(category_id=raw.id, version=1))
    desk.done("other_in", "2026-01-05", line(item, "10", "100"))
    assert (in_ledger("1403"), in_ledger("1405")) == (10000, 0)
    with pytest.raises(RuleBroken, match="不能再改"):
        set_rule(owner, PostingRuleInput(purpose="stock", category_id=raw.id, account_code="1405"))
    with pytest.raises(RuleBroken, match="不能再改"):
        set_rule(owner, PostingRuleInput(purpose="stock", category_id=raw.id, account_code=""))
    set_rule(owner, PostingRuleInput(purpose="stock", account_code="141101"))
    other = create_category(owner, ItemCategoryInput(name="商品"))
    with pytest.raises(RuleBroken, match="1403 不能跟着类别改变"):
        change_item(owner, item.id, ItemChange(category_id=other.id, version=get_item(item.id).version))
