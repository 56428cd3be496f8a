"""Warehouses, of which one is the usual one; and what an item costs, by list, quantity and day."""

from __future__ import annotations

import pytest

from app.contract.inventory import (
    Item,
    ItemInput,
    ItemUnit,
    PriceListInput,
    PriceQuery,
    PriceRow,
    PriceRows,
    WarehouseChange,
    WarehouseInput,
)
from app.identity.actor import Actor
from app.inventory.queries.prices import find_price, price_rows
from app.inventory.queries.warehouses import chosen_warehouse, get_warehouse, list_warehouses, usual_warehouse_id
from app.inventory.service.items import create_item, delete_item
from app.inventory.service.prices import create_price_list, replace_prices
from app.inventory.service.warehouses import change_warehouse, create_warehouse
from app.kernel.errors import Conflict, MalformedInput, RuleBroken


def test_every_book_has_a_usual_warehouse_and_exactly_one(owner: Actor) -> None:
    first = get_warehouse(usual_warehouse_id())
    assert (first.name, first.is_usual) == ("主仓库", True)
    second = create_warehouse(owner, WarehouseInput(name="门店", address="长安街 1 号"))
    assert (second.code, second.is_usual) == ("02", False)
    with pytest.raises(RuleBroken):
        change_warehouse(owner, first.id, WarehouseChange(active=False, version=first.version))
    with pytest.raises(RuleBroken):
        change_warehouse(owner, first.id, WarehouseChange(is_usual=False, version=first.version))
    second = change_warehouse(owner, second.id, WarehouseChange(is_usual=True, version=second.version))
    assert [(w.name, w.is_usual) for w in list_warehouses().warehouses] == [("门店", True), ("主仓库", False)]
    with pytest.raises(Conflict):
        change_warehouse(owner, first.id, WarehouseChange(active=False, version=first.version))
    first = change_warehouse(owner, first.id, WarehouseChange(active=False, version=get_warehouse(first.id).version))
    assert chosen_warehouse(None).id == second.id
    with pytest.raises(RuleBroken):
        chosen_warehouse(first.id)
    with pytest.raises(RuleBroken):
        change_warehouse(owner, first.id, WarehouseChange(is_usual=True, version=first.version))


def test_names_and_codes_of_warehouses_are_their_own(owner: Actor) -> None:
    with pytest.raises(Conflict):
        create_warehouse(owner, WarehouseInput(name="主仓库"))
    with pytest.raises(Conflict):
        create_warehouse(owner, WarehouseInput(name="门店", code="01"))
    with pytest.raises(MalformedInput):
        create_warehouse(owner, WarehouseInput(name="  "))


def pen(owner: Actor) -> Item:
    units = [ItemUnit(unit="盒", factor="12"), ItemUnit(unit="箱", factor="144")]
    return create_item(
        owner, ItemInput(code="P", name="钢笔", unit="支", units=units, sales_price="10", purchase_price="6")
    )


def row(item: Item, price: str, **further: str) -> PriceRow:
    return PriceRow(item_id=item.id, price=price, **further)


def test_a_price_is_found_by_list_unit_quantity_and_day(owner: Actor) -> None:
    item = pen(owner)
    prices = create_price_list(owner, PriceListInput(name="批发价", includes_tax=False))
    rows = [
        row(item, "9"),
        row(item, "8.5", from_quantity="100"),
        row(item, "8", from_quantity="100", from_date="2026/7/1"),
        row(item, "99", unit="盒"),
    ]
    kept = replace_prices(owner, prices.id, PriceRows(version=prices.version, rows=rows))
    assert [r.price for r in kept.rows] == ["9", "8.5", "8", "99"]

    def price(**wish: object) -> str:
        return find_price(PriceQuery(item_id=item.id, price_list_id=prices.id, **wish)).price

    assert price() == "9"
    assert price(quantity="99.99") == "9"
    assert price(quantity="100", date="2026-06-30") == "8.5"
    assert price(quantity="100", date="2026-07-01") == "8"
    assert price(unit="盒", quantity="500") == "99"
    assert price(unit="箱") == "1152"  # 144 pens reach the step of 100
    assert price(unit="支") == "9"
    found = find_price(PriceQuery(item_id=item.id, price_list_id=prices.id))
    assert (found.includes_tax, found.source) == (False, "批发价")


def test_without_a_listed_price_the_items_own_counts(owner: Actor) -> None:
    item = pen(owner)
    own = find_price(PriceQuery(item_id=item.id, unit="盒"))
    assert (own.price, own.includes_tax, own.source) == ("120", True, "")
    assert find_price(PriceQuery(item_id=item.id, side="purchase")).price == "6"
    bare = create_item(owner, ItemInput(code="Q", name="铅笔", unit="支"))
    assert find_price(PriceQuery(item_id=bare.id)).price == ""


def test_prices_are_replaced_all_or_none(owner: Actor) -> None:
    item = pen(owner)
    prices = create_price_list(owner, PriceListInput(name="零售价"))
    replace_prices(owner, prices.id, PriceRows(version=prices.version, rows=[row(item, "9")]))
    wrong = [row(item, "-1"), row(item, "x", unit="盒"), row(item, "2", unit="吨"), row(item, "3", from_date="6 月")]
    with pytest.raises(MalformedInput) as caught:
        replace_prices(owner, prices.id, PriceRows(rows=wrong))
    assert set(caught.value.fields) == {"rows.0", "rows.1", "rows.2", "rows.3"}
    with pytest.raises(Conflict):
        replace_prices(owner, prices.id, PriceRows(version=prices.version, rows=[]))
    assert [r.price for r in price_rows(prices.id).rows] == ["9"]
    delete_item(owner, item.id)
    assert price_rows(prices.id).rows == []
