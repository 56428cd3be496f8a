"""Items: one code and one barcode each, units that convert exactly, found by what people type."""

from __future__ import annotations

from typing import Any

import pytest

from app.contract.inventory import (
    Item,
    ItemCategoryInput,
    ItemChange,
    ItemInput,
    ItemQuery,
    ItemUnit,
    WarehouseChange,
    WarehouseInput,
)
from app.contract.stock import PostingRuleInput
from app.identity.actor import Actor
from app.inventory.queries.facts import SCALE, base_quantity, chosen_items, item_id_of_code, read_item
from app.inventory.queries.items import get_item, list_items
from app.inventory.queries.warehouses import usual_warehouse_id
from app.inventory.service.categories import create_category
from app.inventory.service.items import change_item, create_item, delete_item
from app.inventory.service.posting_rules import set_rule
from app.inventory.service.stock import DocumentRef, Movement, book_moves
from app.inventory.service.warehouses import change_warehouse, create_warehouse
from app.kernel.errors import Conflict, MalformedInput, NotFound, PermissionDenied, RuleBroken
from app.ledger.service.periods import close_period
from app.storage.database import fetch_all

NOBODY = Actor(99, "访客", frozenset({"inventory:item:view"}), False)


def typed(code: str, name: str, **further: Any) -> ItemInput:
    return ItemInput(**{"code": code, "name": name, "unit": "个", **further})


def found(q: str, **further: Any) -> list[str]:
    return [item.code for item in list_items(ItemQuery(q=q, **further)).items]


def paper(owner: Actor) -> Item:
    return create_item(
        owner,
        typed(
            "A4",
            "复印纸𠮷",
            unit="包",
            barcode="6901234567892",
            units=[ItemUnit(unit="箱", factor="８", barcode="16901234567899"), ItemUnit(unit="张", factor="0.002")],
            tax_rate="13%",
            sales_price="25．5",
        ),
    )


def test_an_item_is_kept_as_it_was_typed_in_one_form(owner: Actor) -> None:
    item = get_item(paper(owner).id)
    assert (item.code, item.unit, item.tax_rate, item.sales_price, item.reorder_level) == ("A4", "包", "13", "25.5", "")
    assert [(unit.unit, unit.factor) for unit in item.units] == [("张", "0.002"), ("箱", "8")]
    assert item.pinyin.startswith("fyz")
    assert create_item(owner, typed("", "钢笔")).code == "00001"
    assert create_item(owner, typed("", "铅笔")).code == "00002"


def test_people_find_items_by_code_name_barcode_and_initials(owner: Actor) -> None:
    paper(owner)
    create_item(owner, typed("A40", "牛皮纸", specification="80g"))
    create_item(owner, typed("B1", "A4 文件夹"))
    assert found("a4") == ["A4", "A40", "B1"]
    assert found("A40") == ["A40"]
    assert found("6901234567892") == found("16901234567899") == found("FYZ") == found("复印") == ["A4"]
    assert found("80G") == ["A40"]
    assert found("没有的") == found("%") == []
    assert item_id_of_code("16901234567899") == item_id_of_code("A4") is not None


def test_what_was_typed_exactly_comes_first_and_pages_go_on(owner: Actor) -> None:
    for code in ("10", "100", "101", "2"):
        create_item(owner, typed(code, f"商品10{code}"))
    assert found("101") == ["101", "10", "100"]
    seen, cursor = [], ""
    while True:
        page = list_items(ItemQuery(q="10", limit=2, cursor=cursor))
        seen += [item.code for item in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert seen == ["10", "100", "101", "2"]


def test_codes_and_barcodes_name_one_item_each(owner: Actor) -> None:
    item = paper(owner)
    with pytest.raises(Conflict) as code:
        create_item(owner, typed("A4", "别的"))
    assert code.value.code == "name_taken"
    with pytest.raises(Conflict) as barcode:
        create_item(owner, typed("C", "别的", units=[ItemUnit(unit="箱", factor="2", barcode="6901234567892")]))
    assert set(barcode.value.fields) == {"units.0.barcode"}
    with pytest.raises(Conflict):
        create_item(owner, typed("C", "别的", barcode="16901234567899"))
    with pytest.raises(MalformedInput):
        create_item(owner, typed("C", "别的", barcode="1", units=[ItemUnit(unit="箱", factor="2", barcode="1")]))
    change_item(owner, item.id, ItemChange(barcode="", units=[], version=item.version))
    assert create_item(owner, typed("C", "别的", barcode="16901234567899")).barcode == "16901234567899"


def test_every_wrong_field_is_named(owner: Actor) -> None:
    with pytest.raises(MalformedInput) as caught:
        create_item(
            owner,
            typed(
                "X",
                " ",
                unit="",
                tax_rate="abc",
                sales_price="-1",
                costing="lot",
                units=[ItemUnit(unit="箱", factor="0"), ItemUnit(unit="箱", factor="x")],
            ),
        )
    assert set(caught.value.fields) == {
        "name",
        "unit",
        "tax_rate",
        "sales_price",
        "costing",
        "units.0.factor",
        "units.1.factor",
        "units.1.unit",
    }
    with pytest.raises(NotFound):
        create_item(owner, typed("X", "甲", category_id=99))


def test_quantities_convert_exactly_or_not_at_all(owner: Actor) -> None:
    facts = read_item(paper(owner).id)
    assert base_quantity(facts, 150_000_000, "箱") == 1_200_000_000
    assert base_quantity(facts, 50_000_000_000, "张") == 100_000_000
    assert base_quantity(facts, -100_000_000, "包") == base_quantity(facts, -100_000_000, "") == -100_000_000
    with pytest.raises(MalformedInput) as inexact:
        base_quantity(facts, 1, "张")
    assert inexact.value.code == "quantity_inexact"
    with pytest.raises(MalformedInput) as unknown:
        base_quantity(facts, 1, "吨")
    assert unknown.value.code == "unit_unknown"


def test_items_out_of_use_are_neither_offered_nor_chosen(owner: Actor) -> None:
    item = paper(owner)
    assert chosen_items([item.id])[item.id].units == {"张": 200_000, "箱": 800_000_000}
    change_item(owner, item.id, ItemChange(active=False, version=item.version))
    assert found("a4") == []
    assert found("a4", include_inactive=True) == ["A4"]
    with pytest.raises(RuleBroken):
        chosen_items([item.id])
    with pytest.raises(NotFound):
        chosen_items([99])


def test_a_change_is_logged_and_a_stale_one_refused(owner: Actor) -> None:
    item = paper(owner)
    category = create_category(owner, ItemCategoryInput(name="纸"))
    changed = change_item(owner, item.id, ItemChange(category_id=category.id, costing="fifo", version=item.version))
    assert (changed.category, changed.costing, changed.sales_price) == ("纸", "fifo", "25.5")
    with pytest.raises(Conflict) as stale:
        change_item(owner, item.id, ItemChange(name="迟到", version=item.version))
    assert stale.value.code == "stale_version"
    assert change_item(owner, item.id, ItemChange(category_id=None, version=changed.version)).category_id is None
    log = fetch_all(
        "SELECT before_value, after_value FROM {audit_log} WHERE action = 'inventory:item:edit' ORDER BY id"
    )
    assert '"costing":"moving"' in log[0][0]
    assert '"costing":"fifo"' in log[0][1]


def test_an_unused_item_is_deleted_with_all_that_is_its_own(owner: Actor) -> None:
    item = paper(owner)
    delete_item(owner, item.id, item.version)
    assert found("") == []
    assert paper(owner).id > item.id
    with pytest.raises(PermissionDenied):
        delete_item(NOBODY, 1)
    with pytest.raises(PermissionDenied):
        create_item(NOBODY, typed("Z", "乙"))


def test_categories_hold_those_below_them(owner: Actor) -> None:
    above = create_category(owner, ItemCategoryInput(name="文具"))
    below = create_category(owner, ItemCategoryInput(name="笔", parent_id=above.id))
    create_item(owner, typed("1", "钢笔", category_id=below.id))
    assert found("", category_id=above.id) == found("", category_id=below.id) == ["1"]
    with pytest.raises(Conflict):
        create_category(owner, ItemCategoryInput(name="笔"))


def moved(owner: Actor, item: Item, quantity: int, date: str = "2026-01-10", lot: str = "", number: int = 1) -> None:
    """Let so many whole units come in, ten each, or leave."""
    amount = quantity * 1000 if quantity > 0 else None
    movement = Movement(
        item.id, usual_warehouse_id(), quantity * SCALE, amount, lot=lot, expiry="2027-01-01" if lot else ""
    )
    book_moves(owner, DocumentRef("other_in", number, f"T{number}"), date, [movement])


def refused(owner: Actor, item: Item, **wish: Any) -> set[str]:
    with pytest.raises(RuleBroken) as caught:
        change_item(owner, item.id, ItemChange(version=item.version, **wish))
    return set(caught.value.fields)


def test_what_stock_was_counted_by_stays_once_it_moved(owner: Actor) -> None:
    item = create_item(owner, typed("1", "钢笔", unit="支"))
    item = change_item(
        owner, item.id, ItemChange(version=item.version, unit="个", tracks_lots=True, tracks_expiry=True)
    )
    moved(owner, item, 5, lot="A")
    assert refused(owner, item, unit="支") == {"unit"}
    assert refused(owner, item, tracks_lots=False, tracks_expiry=False) == {"tracks_lots", "tracks_expiry"}
    item = change_item(
        owner, item.id, ItemChange(version=item.version, name="金笔", units=[ItemUnit(unit="盒", factor="12")])
    )
    with pytest.raises(RuleBroken):
        delete_item(owner, item.id, item.version)
    assert change_item(owner, item.id, ItemChange(version=item.version, active=False)).active is False


def test_another_costing_begins_with_a_month(owner: Actor) -> None:
    item = create_item(owner, typed("1", "钢笔", tracks_lots=True))
    moved(owner, item, 5, lot="A")
    assert refused(owner, item, costing="fifo") == {"costing"}
    close_period(owner, 202601)
    item = change_item(owner, item.id, ItemChange(version=item.version, costing="fifo"))
    assert refused(owner, item, costing="lot") == {"costing"}
    moved(owner, item, -5, "2026-02-03", lot="A", number=2)
    assert refused(owner, item, costing="lot") == {"costing"}
    log = fetch_all(
        "SELECT user_name FROM {audit_log} WHERE action = 'inventory:item:edit' AND after_value LIKE '%fifo%'"
    )
    assert log == [("王会计",)]


def test_stock_is_told_and_what_runs_low_is_found(owner: Actor) -> None:
    full = create_item(owner, typed("1", "钢笔", reorder_level="5"))
    low = create_item(owner, typed("2", "铅笔", reorder_level="5"))
    none = create_item(owner, typed("3", "毛笔", reorder_level="1"))
    create_item(owner, typed("4", "圆规"))
    create_item(owner, ItemInput(code="5", name="送货", kind="service"))
    moved(owner, full, 5)
    moved(owner, low, 4, number=2)
    listed = list_items(ItemQuery(with_quantity=True)).items
    assert [item.quantity for item in listed] == ["5", "4", "0", "0", ""]
    assert found("", below_reorder_level=True) == [low.code, none.code]


def test_a_warehouse_with_stock_stays_in_use(owner: Actor) -> None:
    item = create_item(owner, typed("1", "钢笔"))
    shop = create_warehouse(owner, WarehouseInput(name="门店"))
    ways = Movement(item.id, shop.id, SCALE, 1000), Movement(item.id, shop.id, -SCALE)
    book_moves(owner, DocumentRef("other_in", 1, "T1"), "2026-01-10", ways[:1])
    with pytest.raises(RuleBroken):
        change_warehouse(owner, shop.id, WarehouseChange(version=shop.version, active=False))
    book_moves(owner, DocumentRef("other_out", 2, "T2"), "2026-01-11", ways[1:])
    assert change_warehouse(owner, shop.id, WarehouseChange(version=shop.version, active=False)).active is False


def test_stock_does_not_change_its_account_with_a_category(owner: Actor) -> None:
    item = create_item(owner, typed("1", "钢笔"))
    plain = create_category(owner, ItemCategoryInput(name="文具"))
    own = create_category(owner, ItemCategoryInput(name="材料"))
    set_rule(owner, PostingRuleInput(purpose="stock", category_id=own.id, account_code="1403"))
    moved(owner, item, 5)
    assert refused(owner, item, category_id=own.id) == {"category_id"}
    item = change_item(owner, item.id, ItemChange(version=item.version, category_id=plain.id))
    moved(owner, item, -5, number=2)
    assert refused(owner, item, category_id=own.id) == {"category_id"}, "a late receipt would recost what went out"
    fresh = create_item(owner, typed("2", "铅笔"))
    assert change_item(owner, fresh.id, ItemChange(version=fresh.version, category_id=own.id)).category == "材料"
