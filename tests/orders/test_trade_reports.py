"""Sales, purchases and open orders: literal figures, and the ledger's own beside them."""

from __future__ import annotations

from typing import Any

from app.identity.service.opening import ensure_owner
from app.ledger.service.book import set_up_ledger
from app.storage.copying import copy
from app.storage.database import Book, execute, fetch_all, open_database
from app.web.opening import prepare
from tests.calling import caller_on
from tests.mariadb import MariaDBServer
from tests.orders.conftest import make_desk
from tests.orders.desk import Desk

JUNE = "from=2026-06&to=2026-06"


def report(desk: Desk, name: str, query: str = JUNE) -> dict[str, Any]:
    """Ask for a report; return its rows and totals."""
    answer = desk.window.get(f"/api/reports/{name}?{query}")
    assert answer.status == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def figures(rows: list[dict[str, Any]], *keys: str) -> list[tuple[str, ...]]:
    return [tuple(row[key] for key in keys) for row in rows]


def test_sales_by_item_contact_and_month_with_margins(desk: Desk) -> None:
    desk.finished("goods_receipt", desk.line("30", "11.30"))
    delivery = desk.finished("delivery", desk.line("1", "271.20", unit="盒"))
    invoice = desk.follow("sales_invoice", delivery["id"])
    desk.finished("sales_invoice", {"item_id": desk.service, "quantity": "1", "unit_price": "106"}, date="2026-07-03")
    returned = desk.follow("sales_return", delivery["id"], quantity="0.25", date="2026-07-05")
    desk.follow("sales_credit", returned["id"], date="2026-07-05")
    both = report(desk, "sales", "to=2026-07")
    assert figures(both["rows"], "code", "unit", "quantity", "net", "gross", "cost", "margin", "margin_percent") == [
        ("A1", "个", "9", "180.00", "203.40", "90.00", "90.00", "50.00"),
        ("S1", "次", "1", "100.00", "106.00", "0.00", "100.00", "100.00"),
    ]
    assert both["totals"] == {
        "net": "280.00",
        "tax": "29.40",
        "gross": "309.40",
        "cost": "90.00",
        "margin": "190.00",
        "margin_percent": "67.86",
    }
    months = report(desk, "sales", "to=2026-07&order=month")["rows"]
    assert figures(months, "code", "quantity", "net", "cost") == [
        ("2026-06", "", "240.00", "120.00"),
        ("2026-07", "", "40.00", "-30.00"),
    ]
    contacts = report(desk, "sales", "to=2026-07&order=contact")["rows"]
    assert figures(contacts, "name", "net", "margin") == [("甲公司", "280.00", "190.00")]
    assert report(desk, "sales", "to=2026-07&aux=供应商:乙公司")["rows"] == []
    assert desk.window.get("/api/reports/sales?order=account").status == 400
    assert invoice["lines"][0]["item_id"] == both["rows"][0]["item_id"]


def test_purchases_and_margins_follow_what_the_ledger_booked(desk: Desk) -> None:
    receipt = desk.finished("goods_receipt", desk.line("10", "11.30"))
    bill = desk.follow("purchase_invoice", receipt["id"])
    sold = desk.finished("sales_invoice", desk.line("4", "22.60"))
    desk.follow("delivery", sold["id"])
    desk.finished("purchase_credit", desk.line("10", "1.13", source_line_id=bill["lines"][0]["id"]), date="2026-06-20")
    bought = report(desk, "purchases")
    assert figures(bought["rows"], "code", "name", "quantity", "net", "tax", "gross") == [
        ("A1", "螺丝", "0", "90.00", "11.70", "101.70")
    ]
    balances = desk.balances()
    whole = report(desk, "sales")["totals"]
    assert (whole["net"], whole["cost"]) == (balances["5001", "credit"], balances["5401", "debit"])
    assert (whole["net"], whole["cost"], whole["margin"]) == ("80.00", "36.00", "44.00")


def test_what_was_taken_back_counts_on_its_own_day(local_desk: Desk) -> None:
    desk = local_desk
    desk.finished("goods_receipt", desk.line("10", "11.30"))
    delivery = desk.finished("delivery", desk.line("4", "22.60"))
    invoice = desk.follow("sales_invoice", delivery["id"])
    assert desk.cancel(invoice["id"], date="2026-07-01").status == 200
    assert desk.cancel(delivery["id"], date="2026-07-01").status == 200
    rows = report(desk, "sales", "from=2026-06&to=2026-07&order=month")["rows"]
    assert figures(rows, "code", "net", "cost") == [("2026-06", "80.00", "40.00"), ("2026-07", "-80.00", "-40.00")]
    assert report(desk, "sales", "from=2026-06&to=2026-07")["rows"] == []


def test_orders_wait_for_what_is_not_delivered_or_invoiced(local_desk: Desk) -> None:
    desk = local_desk
    desk.finished("goods_receipt", desk.line("30", "11.30"))
    order = desk.finished(
        "sales_order",
        desk.line("2", "240", unit="盒"),
        {"item_id": desk.service, "quantity": "1", "unit_price": "53"},
    )
    bought = desk.finished("purchase_order", desk.line("5", "10"), date="2026-07-02")
    body = desk.follower("delivery", order["id"])
    body["lines"] = [body["lines"][0] | {"quantity": "0.5"}]
    desk.finish(desk.window.post("/api/documents", body).json["id"])
    waiting = report(desk, "open-orders", "")
    assert figures(waiting["rows"], "side", "order_number", "item_code", "ordered", "moved", "rest", "value") == [
        ("销售", order["number"], "A1", "24", "6", "18", "360.00"),
        ("销售", order["number"], "S1", "1", "0", "1", "53.00"),
        ("采购", bought["number"], "A1", "5", "0", "5", "50.00"),
    ]
    assert waiting["totals"] == {"value": "463.00"}
    assert len(report(desk, "open-orders", "to=2026-06")["rows"]) == 2
    assert len(report(desk, "open-orders", "aux=供应商:乙公司")["rows"]) == 1


def test_reports_of_trade_come_as_files(local_desk: Desk) -> None:
    local_desk.finished("sales_invoice", local_desk.line("4", "22.60"))
    for name in ("sales", "purchases", "open-orders", "ageing"):
        answer = local_desk.window.get(f"/api/reports/{name}?file=csv&{JUNE}")
        assert answer.status == 200
        assert local_desk.window.get(f"/api/reports/{name}?file=xlsx&{JUNE}").status == 200


def pay(desk: Desk, kind: str, amount: str, *pairs: tuple[int, str], **more: Any) -> dict[str, Any]:
    """Save and finish a payment."""
    body = {
        "kind": kind,
        "date": "2026-06-20",
        "contact_id": desk.customer if kind == "collection" else desk.supplier,
        "account_code": "1002",
        "amount": amount,
        "allocations": [{"document_id": document_id, "amount": part} for document_id, part in pairs],
    }
    draft = desk.window.post("/api/payments", body | more)
    assert draft.status == 201, draft.json
    done = desk.window.post(f"/api/payments/{draft.json['id']}/finish", {"version": draft.json["version"]})
    assert done.status == 200, done.json
    found: dict[str, Any] = done.json
    return found


def test_a_paid_invoice_names_its_payment_and_is_cancelled_only_after_it(desk: Desk) -> None:
    invoice = desk.finished("sales_invoice", desk.line("4", "22.60"))
    made = pay(desk, "collection", "100", (invoice["id"], "90.40"))
    after = desk.get(invoice["id"])
    assert after["settled"] == "90.40"
    links = [(link["relation"], link["number"]) for link in after["links"]]
    assert ("settlement", made["number"]) in links
    assert desk.cancel(invoice["id"]).code == "document_settled"
    assert desk.window.post(f"/api/payments/{made['id']}/cancel", {"version": made["version"]}).status == 200
    assert desk.cancel(invoice["id"]).status == 200
    assert desk.balances() == {}


def test_open_items_of_documents_are_the_balance_of_the_contact(desk: Desk) -> None:
    receipt = desk.finished("goods_receipt", desk.line("10", "11.30"))
    bill = desk.follow("purchase_invoice", receipt["id"])
    invoice = desk.finished("sales_invoice", desk.line("4", "22.60"))
    pay(desk, "collection", "100", (invoice["id"], "50"))
    pay(desk, "payment", "60", (bill["id"], "61"), discount="1")
    owed = desk.window.get(f"/api/open-items?contact_id={desk.customer}&side=sales").json
    assert (owed["balance"], owed["invoices"][0]["open"], owed["advances"][0]["open"]) == ("-9.60", "40.40", "50.00")
    owing = desk.window.get(f"/api/open-items?contact_id={desk.supplier}&side=purchase").json
    assert owing["balance"] == "52.00"
    ages = {row["account_code"]: row["balance"] for row in report(desk, "ageing", "to=2026-06")["rows"]}
    assert ages == {"1122": "40.40", "2203": "50.00", "2202": "52.00"}
    statement = report(desk, "statement-of-account", f"{JUNE}&aux=客户:甲公司")["rows"]
    assert figures(statement, "document", "debit", "credit", "balance")[1:-1] == [
        (invoice["number"], "90.40", "0.00", "90.40"),
        ("SK-202606-0001", "0.00", "50.00", "40.40"),
        ("SK-202606-0001", "0.00", "50.00", "9.60"),
    ]


def ailments(desk: Desk) -> list[tuple[str, str, str, str]]:
    found = desk.window.get("/api/doctor").json["findings"]
    checks = ("open_documents", "settled_sum", "ageing")
    return [(one["check"], one["severity"], one["where"], one["message"]) for one in found if one["check"] in checks]


def test_the_doctor_compares_documents_with_the_ledger(desk: Desk, book: Book) -> None:
    receipt = desk.finished("goods_receipt", desk.line("10", "11.30"))
    desk.follow("purchase_invoice", receipt["id"], quantity="6")
    early = desk.finished("purchase_invoice", desk.line("3", "11.30"))
    desk.follow("purchase_return", receipt["id"], quantity="2")
    desk.follow("goods_receipt", early["id"], quantity="1")
    invoice = desk.finished("sales_invoice", desk.line("4", "22.60"))
    made = pay(desk, "collection", "100", (invoice["id"], "50"))
    assert ailments(desk) == []
    assert desk.window.post(f"/api/payments/{made['id']}/cancel", {"date": "2026-07-01"}).status == 200
    assert ailments(desk) == []
    with book.session():
        execute("UPDATE {document} SET settled = 1 WHERE id = ?", (invoice["id"],))
    assert [found[:3] for found in ailments(desk)] == [
        ("settled_sum", "error", f"销售发票 {invoice['number']}"),
        ("open_documents", "warning", "客户:甲公司"),
    ]
    with book.session():
        execute("UPDATE {document} SET settled = 0 WHERE id = ?", (invoice["id"],))
    entries = [
        {"summary": "手工", "account_code": "1122", "debit": "5", "aux": "客户:甲公司"},
        {"summary": "手工", "account_code": "5001", "credit": "5"},
    ]
    assert desk.window.post("/api/vouchers", {"date": "2026-06-20", "entries": entries}).status == 201
    assert ailments(desk) == [("open_documents", "hint", "客户:甲公司", "往来科目余额 95.40，单据未结合计 90.40。")]


def test_an_invoice_that_changes_nothing_in_the_ledger_is_reported(sqlite_book: Book) -> None:
    desk = make_desk(sqlite_book, vat="small")
    bill = desk.finished("purchase_invoice", desk.line("10", "11.30"), date="2026-07-02")
    assert bill["vouchers"] == []  # what is owed for goods to come, and to whom, stands on one account
    assert report(desk, "purchases", "")["totals"]["gross"] == "113.00"
    assert report(desk, "purchases", "to=2026-06")["totals"]["gross"] == "0.00"


def test_accounts_that_tell_nothing_of_contacts_are_named_instead_of_compared(local_desk: Desk) -> None:
    window = local_desk.window
    rule = {"purpose": "accrued_purchase", "account_code": "224101"}
    assert window.put("/api/posting-rules", rule).status == 200
    local_desk.finished("goods_receipt", local_desk.line("10", "11.30"))
    (found,) = ailments(local_desk)
    assert found[:2] == ("open_documents", "hint")
    assert found[2].startswith("224101 ")
    account = window.get("/api/accounts?q=224101").json["accounts"][0]
    wish = {"auxiliaries": [{"kind": "供应商", "demanded": False}], "version": account["version"]}
    assert window.patch(f"/api/accounts/{account['id']}", wish).status == 200


def test_books_of_the_other_standard_know_whom_documents_were_for(sqlite_book: Book) -> None:
    with sqlite_book.session():
        ensure_owner("掌柜")
        prepare()
        set_up_ledger(name="股份公司", chart="asbe_2006_2019", start_period=202606, vat="general")
    window = caller_on(sqlite_book)
    contact = window.post("/api/contacts", {"name": "甲公司", "roles": ["customer", "supplier"]}).json["id"]
    item = window.post("/api/items", {"code": "A1", "name": "螺丝", "unit": "个"}).json["id"]
    desk = Desk(window, contact, contact, item, item)
    receipt = desk.finished("goods_receipt", desk.line("10", "11.30"))
    bill = desk.follow("purchase_invoice", receipt["id"])
    delivery = desk.finished("delivery", desk.line("4", "22.60"))
    invoice = desk.follow("sales_invoice", delivery["id"])
    pay(desk, "collection", "100", (invoice["id"], "50"))
    pay(desk, "payment", "60", (bill["id"], "60"))
    assert ailments(desk) == []
    ages = {row["account_code"]: row["balance"] for row in report(desk, "ageing", "to=2026-06")["rows"]}
    assert ages == {"1122": "40.40", "2203": "50.00", "2202": "53.00"}
    assert report(desk, "statement-of-account", f"{JUNE}&aux=客户:甲公司")["rows"][-1]["balance"] == "62.60"


def test_a_book_with_documents_that_were_taken_back_moves_to_another_database(
    sqlite_book: Book, mariadb_server: MariaDBServer, mariadb_database: str
) -> None:
    desk = make_desk(sqlite_book)
    invoice = desk.finished("sales_invoice", desk.line("4", "22.60"))
    made = pay(desk, "collection", "100", (invoice["id"], "50"))
    assert desk.window.post(f"/api/payments/{made['id']}/cancel", {"date": "2026-07-01"}).status == 200
    assert desk.cancel(invoice["id"]).status == 200
    target = open_database(mariadb_server.url(mariadb_database), password=mariadb_server.password)
    rows = copy(sqlite_book, target)
    assert (rows["payment"], rows["document"], rows["allocation"]) == (2, 2, 2)
    with target.session():
        shown = fetch_all("SELECT number, amount, counter_of, cancelled_by FROM {payment} ORDER BY id")
    assert shown == [("SK-202606-0001", 10000, None, 2), ("SK-202607-0001", -10000, 1, None)]
    target.close()


def test_the_cost_of_a_month_comes_when_the_month_is_costed(local_desk: Desk) -> None:
    desk = local_desk
    item = desk.window.post("/api/items", {"code": "M1", "name": "布", "unit": "米", "costing": "monthly"}).json["id"]
    for quantity, price, day in (("10", "11.30", "2026-06-02"), ("10", "22.60", "2026-06-20")):
        receipt = {"item_id": item, "quantity": quantity, "unit_price": price}
        desk.finished("goods_receipt", receipt, date=day)
    sold = {"item_id": item, "quantity": "5", "unit_price": "33.90"}
    desk.follow("sales_invoice", desk.finished("delivery", sold, date="2026-06-10")["id"])
    assert report(desk, "sales")["totals"]["cost"] == "0.00"
    assert desk.window.post("/api/stock/month-costing", {"period": "2026-06"}).status in {200, 202}
    whole = report(desk, "sales")["totals"]
    assert (whole["net"], whole["cost"], whole["margin_percent"]) == ("150.00", "75.00", "50.00")
    assert desk.balances()["5401", "debit"] == "75.00"
