"""Reports of stock: of any day and by month, item by item, and always worth what the ledger says."""

from __future__ import annotations

import io
import itertools

import pytest

from app.contract.doctor import DoctorQuery
from app.contract.inventory import ItemCategoryInput, ItemChange
from app.identity.actor import Actor
from app.inventory.service.categories import create_category
from app.inventory.service.items import change_item
from app.kernel.errors import MalformedInput, NotFound, PermissionDenied
from app.ledger.service.closing.steps import plan
from app.reports.catalogue import REPORTS
from app.reports.doctor.examination import diagnose
from app.reports.report_file import write_report
from app.reports.request import ReportRequest
from tests.inventory.warehouse import Desk, in_ledger, line
from tests.ledger.build import draft, posted
from tests.ledger.build import line as entry
from tests.reports.asking import ask, columns

FLOW = tuple(f"{place}_{what}" for place in ("opening", "in", "out", "closing") for what in ("quantity", "amount"))


@pytest.fixture
def desk(firm: Actor) -> Desk:
    """Two warehouses, an opening, purchases, use, a transfer, and a late receipt that recosts what was used."""
    desk = Desk(firm)
    shop = desk.warehouse("门店")
    pen, milk = desk.item("A"), desk.item("B", lots=True)
    desk.done("opening", "2026-01-01", line(pen, "10", "100"))
    desk.done("other_in", "2026-01-10", line(pen, "10", "140"), line(milk, "3", "10", lot="L1"))
    desk.done("other_in", "2026-02-01", line(milk, "1", "5", lot="L2"))
    desk.done("transfer", "2026-02-03", line(pen, "6"), to_warehouse_id=shop)
    desk.done("other_out", "2026-02-10", line(pen, "5"))
    desk.done("other_in", "2026-01-20", line(pen, "4", "96"))
    drinks = create_category(firm, ItemCategoryInput(name="饮料"))
    change_item(firm, milk.id, ItemChange(category_id=drinks.id, version=milk.version))
    return desk


def stock(desk: Desk, **wishes: str) -> list[tuple[str, ...]]:
    rows, _ = ask(desk.actor, "stock", **wishes)
    return columns(rows, "code", "warehouse", "lot", "quantity", "amount")


def test_stock_of_any_day(desk: Desk) -> None:
    assert stock(desk, date="2026-01-01") == [("A", "", "", "10", "100.00")]
    assert stock(desk, date="2026-01-19") == [("A", "", "", "20", "240.00"), ("B", "", "", "3", "10.00")]
    assert stock(desk, last="2026-01") == [("A", "", "", "24", "336.00"), ("B", "", "", "3", "10.00")]
    assert stock(desk) == [("A", "", "", "19", "266.00"), ("B", "", "", "4", "15.00")]
    rows, totals = ask(desk.actor, "stock")
    assert totals == {"amount": "281.00"}
    assert [row["unit_cost"] for row in rows] == ["14", "3.75"]
    assert stock(desk, item="B") == [("B", "", "", "4", "15.00")]
    assert stock(desk, category="饮料") == [("B", "", "", "4", "15.00")]


def test_parts_of_an_item_are_worth_the_whole(desk: Desk) -> None:
    assert stock(desk, order="warehouse", item="A") == [
        ("A", "主仓库", "", "13", "182.00"),
        ("A", "门店", "", "6", "84.00"),
    ]
    assert stock(desk, order="lot", item="B") == [("B", "", "L1", "3", "11.25"), ("B", "", "L2", "1", "3.75")]
    assert stock(desk, warehouse="门店") == [("A", "门店", "", "6", "84.00")]
    for order in ("item", "warehouse", "lot"):
        _, totals = ask(desk.actor, "stock", order=order)
        assert totals == {"amount": "281.00"}


def test_months_begin_and_end_with_what_is_there(desk: Desk) -> None:
    rows, totals = ask(desk.actor, "stock-summary", "2026-01", "2026-01")
    assert columns(rows, "code", *FLOW) == [
        ("A", "10", "100.00", "14", "236.00", "0", "0.00", "24", "336.00"),
        ("B", "0", "0.00", "3", "10.00", "0", "0.00", "3", "10.00"),
    ]
    assert totals["closing_amount"] == "346.00"
    rows, totals = ask(desk.actor, "stock-summary", "2026-02", "2026-03")
    assert columns(rows, "code", *FLOW) == [
        ("A", "24", "336.00", "0", "0.00", "5", "70.00", "19", "266.00"),
        ("B", "3", "10.00", "1", "5.00", "0", "0.00", "4", "15.00"),
    ]
    assert totals == {
        "opening_amount": "346.00",
        "in_amount": "5.00",
        "out_amount": "70.00",
        "closing_amount": "281.00",
    }


def test_summaries_by_warehouse_and_category(desk: Desk) -> None:
    rows, totals = ask(desk.actor, "stock-summary", "2026-02", "2026-02", order="warehouse", item="A")
    assert columns(rows, "warehouse", *FLOW) == [
        ("主仓库", "24", "", "0", "", "11", "", "13", ""),
        ("门店", "0", "", "6", "", "0", "", "6", ""),
    ]
    assert totals == {}
    rows, totals = ask(desk.actor, "stock-summary", "2026-01", "2026-02", order="category")
    assert columns(rows, "name", "opening_amount", "closing_amount", "closing_quantity") == [
        ("未分类", "100.00", "266.00", ""),
        ("饮料", "0.00", "15.00", ""),
    ]
    assert totals["closing_amount"] == "281.00"


def test_the_card_tells_every_move_and_what_is_left(desk: Desk) -> None:
    rows, _ = ask(desk.actor, "stock-card", "2026-02", "2026-02", item="A")
    assert columns(
        rows, "summary", "in_quantity", "out_quantity", "out_amount", "balance_quantity", "balance_amount"
    ) == [
        ("期初结存", "", "", "", "24", "336.00"),
        ("其他出库", "", "5", "70.00", "19", "266.00"),
        ("期末结存", "", "", "", "19", "266.00"),
    ]
    assert {row["kind"] for row in rows} == {"opening", "entry", "closing"}
    shop, _ = ask(desk.actor, "stock-card", "2026-02", "2026-02", item="A", warehouse="门店")
    assert columns(shop, "balance_quantity", "balance_amount") == [("0", ""), ("6", ""), ("6", "")]


def test_each_report_ties_to_the_ledger(desk: Desk) -> None:
    ledger = in_ledger() + 10_000  # the opening stands in the ledger's opening
    _, totals = ask(desk.actor, "stock")
    assert totals["amount"] == f"{ledger // 100}.{ledger % 100:02d}"
    _, summary = ask(desk.actor, "stock-summary")
    assert summary["closing_amount"] == totals["amount"]
    card = [ask(desk.actor, "stock-card", item=code)[0][-1]["balance_amount"] for code in ("A", "B")]
    assert card == ["266.00", "15.00"]


@pytest.mark.parametrize(
    ("name", "kind"), list(itertools.product(("stock", "stock-summary", "stock-card"), ("csv", "xlsx", "pdf")))
)
def test_they_become_files(desk: Desk, name: str, kind: str) -> None:
    for order in ("", "warehouse"):
        target = io.BytesIO()
        request = ReportRequest(item="A", order="" if name == "stock-card" else order)
        write_report(desk.actor, REPORTS[name], request, kind, target, {})
        assert len(target.getvalue()) > 100


def test_what_nobody_has_is_said(desk: Desk) -> None:
    for wish in ({"item": "X"}, {"warehouse": "X"}, {"category": "X"}):
        with pytest.raises(NotFound):
            ask(desk.actor, "stock", **wish)
    with pytest.raises(MalformedInput):
        ask(desk.actor, "stock-card")
    with pytest.raises(MalformedInput):
        ask(desk.actor, "stock", order="contact")
    with pytest.raises(MalformedInput):
        ask(desk.actor, "stock-summary", "2026-03", "2026-02")
    with pytest.raises(PermissionDenied):
        ask(Actor(99, "访客", frozenset(), False), "stock")


def parted(firm: Actor, period: str = "") -> list[tuple[str, str]]:
    found = diagnose(firm, DoctorQuery(period=period)).findings
    return [(one.severity, one.place.from_period) for one in found if one.check == "stock_ledger"]


def test_the_doctor_names_the_month_from_which_stock_and_ledger_part(firm: Actor) -> None:
    desk = Desk(firm)
    item = desk.item("A")
    desk.done("other_in", "2026-01-10", line(item, "10", "100"))
    desk.done("other_out", "2026-02-10", line(item, "4"))
    assert parted(firm) == []
    posted(firm, "2026-02-15", entry("1405", "7"), entry("1002", credit="7"))
    desk.done("other_in", "2026-03-01", line(item, "1", "10"))
    assert parted(firm) == [("warning", "2026-02")]
    assert parted(firm, "2026-01") == []
    assert parted(firm, "2026-03") == [("warning", "2026-03")]
    draft(firm, "2026-03-15", entry("1002", "7"), entry("1405", credit="7"))
    assert parted(firm, "2026-03") == []


def test_pieces_of_accounts_kept_by_stock_are_counted_there_and_not_in_the_ledger(firm: Actor) -> None:
    desk = Desk(firm)
    item = desk.item("A")
    posted(firm, "2026-01-01", entry("1405", "100"), entry("3001", credit="100"))  # money only, as openings often are
    desk.done("opening", "2026-01-01", line(item, "10", "100"))
    desk.done("other_out", "2026-01-10", line(item, "4"))
    pieces = {"negative_stock", "value_without_quantity", "quantity_without_value"}
    assert pieces.isdisjoint(one.check for one in diagnose(firm, DoctorQuery()).findings)
    checks = plan(firm, 202601).checks
    assert {"stock_negative", "stock_residue"}.isdisjoint(one.code for one in checks)
