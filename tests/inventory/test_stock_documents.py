"""Stock documents: their states, moves and vouchers, and what taking them back leaves."""

from __future__ import annotations

import pytest

from app.contract.stock import MoveQuery, StockBalanceQuery, StockDocumentInput, StockDocumentQuery, StockSettingsInput
from app.identity.actor import Actor
from app.inventory.queries.posting import document_of_voucher
from app.inventory.queries.stock_balances import list_balances
from app.inventory.queries.stock_documents import list_stock_documents
from app.inventory.queries.stock_moves import list_moves
from app.inventory.service.settings import change_stock_settings
from app.inventory.service.stock_documents import delete_stock_document, finish_stock_document, save_stock_document
from app.kernel.errors import Conflict, MalformedInput, PermissionDenied, RuleBroken
from app.ledger.service.periods import close_period
from app.ledger.verify import verify_book
from tests.inventory.warehouse import SCALE, Desk, all_in_ledger, in_ledger, in_stock, line


def test_what_comes_in_and_goes_out_is_in_both_ledgers(owner: Actor) -> None:
    desk = Desk(owner)
    item = desk.item("A")
    bought = desk.done("other_in", "2026-01-05", line(item, "3", "100"))
    assert bought.number == "QR-202601-0001"
    assert [voucher.state for voucher in bought.vouchers] == ["posted"]
    assert document_of_voucher(bought.vouchers[0].voucher_id) == ("other_in", bought.id, bought.number)
    used = desk.done("other_out", "2026-01-06", line(item, "1"), account_code="560204", note="样品")
    assert used.lines[0].amount == "33.33"
    assert in_ledger() == in_stock()[1] == 6667
    assert in_ledger("560204") == 3333
    rest = desk.done("other_out", "2026-01-06", line(item, "2"))
    assert (rest.number, rest.lines[0].amount) == ("QC-202601-0002", "66.67")
    assert in_stock() == (0, 0)
    assert in_ledger() == 0
    assert verify_book().findings == []


def test_a_document_goes_its_states_one_way_only(owner: Actor) -> None:
    desk = Desk(owner)
    item = desk.item("A")
    draft = desk.draft("other_in", "2026-01-05", line(item, "3", "100"))
    assert (draft.number, draft.state, draft.vouchers) == ("", "draft", [])
    changed = save_stock_document(
        owner,
        StockDocumentInput(kind="other_in", date="2026-01-06", version=draft.version, lines=[line(item, "4", "100")]),
        draft.id,
    )
    with pytest.raises(Conflict, match="已被"):
        finish_stock_document(owner, draft.id, draft.version)
    done = finish_stock_document(owner, draft.id, changed.version)
    with pytest.raises(RuleBroken, match="已经完成"):
        finish_stock_document(owner, draft.id)
    with pytest.raises(RuleBroken, match="只有草稿可以修改"):
        save_stock_document(owner, StockDocumentInput(kind="other_in", date="2026-01-06", lines=[]), draft.id)
    with pytest.raises(RuleBroken, match="只有草稿可以删除"):
        delete_stock_document(owner, draft.id)
    cancelled = desk.cancel(done)
    assert cancelled.state == "cancelled"
    assert cancelled.cancelled_by is not None
    with pytest.raises(RuleBroken, match="只有已完成"):
        desk.cancel(cancelled)
    assert in_stock() == (0, 0)
    assert all_in_ledger() == {}
    other = desk.draft("other_in", "2026-01-06", line(item, "1", "1"))
    delete_stock_document(owner, other.id, other.version)
    numbers = [head.number for head in list_stock_documents(StockDocumentQuery())[0]]
    assert numbers == ["QR-202601-0002", "QR-202601-0001"]


def test_bad_lines_are_named_all_at_once(owner: Actor) -> None:
    desk = Desk(owner)
    item = desk.item("A")
    with pytest.raises(MalformedInput) as refused:
        desk.draft("other_in", "2026-13-01", line(item, "-1"), line(item, "x", "1.234"), line(item, "1", unit="箱"))
    assert set(refused.value.fields) == {
        "date",
        "lines.0.quantity",
        "lines.1.quantity",
        "lines.1.amount",
        "lines.2.quantity",
    }
    with pytest.raises(PermissionDenied):
        save_stock_document(Actor(owner.user_id, "x"), StockDocumentInput(kind="count", date="2026-01-01", lines=[]))


def test_stock_never_falls_below_zero_on_any_day(owner: Actor) -> None:
    desk = Desk(owner)
    item = desk.item("A")
    desk.done("other_in", "2026-01-05", line(item, "3", "100"))
    desk.done("other_out", "2026-01-20", line(item, "2"))
    with pytest.raises(RuleBroken, match=r"A.*主仓库.*只有 1 个.*要出库 2 个"):
        desk.done("other_out", "2026-01-21", line(item, "2"))
    with pytest.raises(RuleBroken, match=r"2026-01-20 只剩 1 个"):
        desk.done("other_out", "2026-01-10", line(item, "2"))
    with pytest.raises(RuleBroken, match="只有 0"):
        desk.done("other_out", "2026-01-04", line(item, "1"))
    assert in_stock() == (SCALE, 3333)
    assert in_ledger() == 3333


def test_stock_below_zero_is_settled_where_the_book_allows_it(owner: Actor) -> None:
    desk = Desk(owner)
    change_stock_settings(owner, StockSettingsInput(allow_negative=True))
    item = desk.item("A")
    desk.done("other_in", "2026-01-05", line(item, "2", "20"))
    desk.done("other_out", "2026-01-06", line(item, "5"))
    assert in_stock() == (-3 * SCALE, -3000)
    desk.done("other_in", "2026-01-07", line(item, "4", "60"))
    # three pieces that were issued at 10 did cost 15: the difference goes to the cost of sales
    assert in_stock() == (SCALE, 1500)
    assert in_ledger() == 1500
    assert in_ledger("5401") == 1500
    assert verify_book().findings == []


def test_a_transfer_moves_quantity_and_no_money(owner: Actor) -> None:
    desk = Desk(owner)
    item, shop = desk.item("A"), desk.warehouse("门店")
    desk.done("other_in", "2026-01-05", line(item, "3", "100"))
    moved = desk.done("transfer", "2026-01-06", line(item, "2"), to_warehouse_id=shop)
    assert moved.vouchers == []
    with pytest.raises(RuleBroken, match="主仓库只有 1"):
        desk.done("other_out", "2026-01-06", line(item, "2"))
    there = list_balances(StockBalanceQuery(warehouse_id=shop)).rows
    assert [(row.quantity, row.amount, row.warehouse) for row in there] == [("2", "66.67", "门店")]
    desk.done("other_out", "2026-01-07", line(item, "2"), warehouse_id=shop)
    assert in_ledger() == 3333
    with pytest.raises(RuleBroken, match="门店"):
        desk.cancel(moved)


def test_a_count_brings_the_book_to_what_was_found(owner: Actor) -> None:
    desk = Desk(owner)
    first, second, third = desk.item("A"), desk.item("B"), desk.item("C")
    desk.done("other_in", "2026-01-05", line(first, "3", "100"), line(second, "10", "50"), line(third, "1", "7"))
    counted = desk.done("count", "2026-01-31", line(first, "4"), line(second, "8"), line(third, "1"))
    assert [(one.book_quantity, one.amount) for one in counted.lines] == [("3", "33.33"), ("10", "10.00"), ("1", "")]
    assert in_ledger() == in_stock()[1] == 15700 + 3333 - 1000
    assert in_ledger("190101") == 1000 - 3333
    desk.cancel(counted)
    assert in_ledger() == in_stock()[1] == 15700
    assert in_ledger("190101") == 0


def test_an_assembly_gives_the_product_what_its_parts_cost(owner: Actor) -> None:
    desk = Desk(owner)
    wheel, frame, bike = desk.item("W"), desk.item("F"), desk.item("Z")
    desk.done("other_in", "2026-01-05", line(wheel, "4", "40"), line(frame, "2", "100"))
    made = desk.done("assembly", "2026-01-10", line(bike, "1"), line(wheel, "-2"), line(frame, "-1"))
    assert made.lines[0].amount == "70.00"
    desk.done("other_out", "2026-01-12", line(bike, "1"))
    # wheels bought late for the day before: the bike that was made and is gone cost more
    desk.done("other_in", "2026-01-09", line(wheel, "4", "80"))
    assert in_stock(bike) == (0, 0)
    assert in_stock(wheel) == (6 * SCALE, 9000)
    assert in_ledger() == in_stock()[1] == 9000 + 5000
    assert in_ledger("560299") == 8000
    assert verify_book().findings == []


def test_opening_stock_makes_no_voucher_and_stands_before_the_first_month(owner: Actor) -> None:
    desk = Desk(owner)
    item = desk.item("A")
    opened = desk.done("opening", "2026-01-15", line(item, "3", "100"))
    assert (opened.date, opened.number, opened.vouchers) == ("2025-12-31", "QK-202512-0001", [])
    assert in_ledger() == 0
    balance = list_balances(StockBalanceQuery(date="2026-01-01"))
    assert (balance.rows[0].quantity, balance.total_amount, balance.rows[0].unit_cost) == ("3", "100.00", "33.333333")
    close_period(owner, 202601)
    with pytest.raises(RuleBroken, match="已经结账"):
        desk.done("opening", "", line(item, "1", "1"))
    with pytest.raises(RuleBroken, match="已经结账"):
        desk.cancel(opened)


def test_a_back_dated_receipt_recosts_what_went_out_after_it(owner: Actor) -> None:
    desk = Desk(owner)
    item = desk.item("A")
    desk.done("other_in", "2026-01-05", line(item, "10", "100"))
    desk.done("other_out", "2026-01-20", line(item, "5"), account_code="560204")
    desk.done("other_out", "2026-02-03", line(item, "4"), account_code="560206")
    late = desk.done("other_in", "2026-01-10", line(item, "10", "200"))
    assert in_ledger("560204") == 7500
    assert in_ledger("560206") == 6000
    assert in_stock() == (11 * SCALE, 16500)
    assert in_ledger() == 16500
    assert len(late.vouchers) == 3
    assert [voucher.name[:7] for voucher in late.vouchers].count("2026-02") == 1
    desk.cancel(late)
    assert (in_ledger("560204"), in_ledger("560206"), in_ledger()) == (5000, 4000, 1000)
    assert verify_book().findings == []


def test_lots_are_asked_for_and_kept_apart(owner: Actor) -> None:
    desk = Desk(owner)
    item = desk.item("L", "lot")
    with pytest.raises(RuleBroken, match="请填批次"):
        desk.done("other_in", "2026-01-05", line(item, "1", "10"))
    desk.done("other_in", "2026-01-05", line(item, "2", "10", "甲", expiry="2027-01-01"), line(item, "2", "50", "乙"))
    with pytest.raises(RuleBroken, match="没有批次“丙”"):
        desk.done("other_out", "2026-01-06", line(item, "1", lot="丙"))
    with pytest.raises(RuleBroken, match="批次“甲”只有 2"):
        desk.done("other_out", "2026-01-06", line(item, "3", lot="甲"))
    out = desk.done("other_out", "2026-01-06", line(item, "1", lot="乙"))
    assert out.lines[0].amount == "25.00"
    rows = list_balances(StockBalanceQuery(by_lot=True)).rows
    assert [(row.lot, row.quantity, row.amount) for row in rows] == [("乙", "1", "25.00"), ("甲", "2", "10.00")]


def test_the_stock_card_runs_from_page_to_page(owner: Actor) -> None:
    desk = Desk(owner)
    item = desk.item("A")
    desk.done("other_in", "2026-01-05", line(item, "10", "100"))
    desk.done("other_out", "2026-01-20", line(item, "5"))
    desk.done("other_out", "2026-02-20", line(item, "1"))
    desk.done("other_in", "2026-01-10", line(item, "10", "200"))
    seen: list[tuple[str, str, str]] = []
    page, place = list_moves(MoveQuery(item_id=item.id, limit=1))
    seen += [(one.date, one.balance_quantity, one.balance_amount) for one in page.moves]
    while place is not None:
        page, place = list_moves(MoveQuery(item_id=item.id, limit=1), place)
        seen += [(one.date, one.balance_quantity, one.balance_amount) for one in page.moves]
    assert seen == [
        ("2026-01-05", "10", "100.00"),
        ("2026-01-10", "20", "300.00"),
        ("2026-01-20", "15", "225.00"),
        ("2026-02-20", "14", "210.00"),
    ]
    later, _ = list_moves(MoveQuery(item_id=item.id, from_date="2026-02-01"))
    assert (later.opening_quantity, later.opening_amount) == ("15", "225.00")
    for date, quantity, amount in seen:
        balance = list_balances(StockBalanceQuery(date=date))
        assert (balance.rows[0].quantity, balance.rows[0].amount) == (quantity, amount)


def test_no_two_kinds_of_documents_share_the_letters_of_their_numbers() -> None:
    from app.inventory.stock_kinds import STOCK_KINDS
    from app.orders.kinds import KINDS

    letters = [kind.prefix for kind in STOCK_KINDS.values()] + [kind.prefix for kind in KINDS.values()]
    assert len(letters) == len(set(letters))
