"""Deliveries, receipts, invoices and what takes them back: stock, vouchers and states, on both databases."""

from __future__ import annotations

from app.storage.database import Book
from tests.calling import add_person, add_role, caller_on, give_owner_login
from tests.orders.desk import Desk

RECEIVABLE, REVENUE, OUTPUT_VAT = ("1122", "debit"), ("5001", "credit"), ("22210107", "credit")
STOCK, COST, INPUT_VAT = ("1405", "debit"), ("5401", "debit"), ("22210101", "debit")


def test_a_purchase_is_estimated_when_received_and_comes_to_its_invoice(desk: Desk) -> None:
    order = desk.finished("purchase_order", desk.line("10", "11.30"))
    receipt = desk.follow("goods_receipt", order["id"], quantity="4")
    assert (receipt["state"], receipt["lines"][0]["cost"]) == ("done", "40.00")
    assert desk.balances()[STOCK] == "40.00"
    assert len(receipt["vouchers"]) == 1
    body = desk.follower("purchase_invoice", order["id"])
    assert [(line["quantity"], line["source_line_id"]) for line in body["lines"]] == [("4", receipt["lines"][0]["id"])]
    body["lines"][0] |= {"net": "44.00", "tax": "5.72", "gross": "49.72", "unit_price": ""}
    invoice = desk.finish(desk.window.post("/api/documents", body).json["id"])
    balances = desk.balances()
    assert (balances[STOCK], balances[INPUT_VAT]) == ("44.00", "5.72")
    assert invoice["lines"][0]["own_amounts"] is True
    assert desk.get(order["id"])["state"] == "open"
    assert desk.get(order["id"])["lines"][0]["fulfilled"] == {"goods_receipt": "4", "purchase_invoice": "4"}
    desk.follow("purchase_invoice", desk.follow("goods_receipt", order["id"])["id"])
    assert desk.get(order["id"])["state"] == "done"
    assert desk.balances()[STOCK] == "104.00"
    assert ("2202", "credit") in desk.balances()


def test_a_sale_books_cost_when_delivered_and_revenue_when_invoiced(desk: Desk) -> None:
    desk.finished("goods_receipt", desk.line("10", "11.30"))
    order = desk.finished(
        "sales_order", desk.line("10", "22.60"), {"item_id": desk.service, "quantity": "1", "unit_price": "53"}
    )
    delivery = desk.follow("delivery", order["id"], quantity="4")
    assert [line["cost"] for line in delivery["lines"]] == ["40.00"]
    invoice = desk.window.post(f"/api/documents/{delivery['id']}/finish", {})
    assert invoice.code == "document_state"
    billed = desk.follow("sales_invoice", order["id"])
    assert [(line["item_id"], line["quantity"]) for line in billed["lines"]] == [
        (desk.item, "4"),
        (desk.item, "6"),
        (desk.service, "1"),
    ]
    assert (billed["gross"], billed["due_date"]) == ("279.00", "2026-07-15")
    balances = desk.balances()
    assert (balances[RECEIVABLE], balances[REVENUE], balances[OUTPUT_VAT]) == ("279.00", "250.00", "29.00")
    assert (balances[COST], balances[STOCK]) == ("40.00", "60.00")
    assert desk.get(order["id"])["state"] == "open"
    last = desk.follow("delivery", billed["id"])
    assert last["lines"][0]["quantity"] == "6"
    assert desk.get(order["id"])["state"] == "done"
    assert [
        head["id"] for head in desk.window.get("/api/documents?unfulfilled=true&side=sales").json["documents"]
    ] == []
    assert [head["id"] for head in desk.window.get("/api/documents?unsettled=true").json["documents"]] == [billed["id"]]


def test_nothing_is_carried_out_before_it_was_there(local_desk: Desk) -> None:
    desk = local_desk
    receipt = desk.finished("goods_receipt", desk.line("3", "10"), date="2026-06-10")
    early = desk.window.post("/api/documents", desk.follower("purchase_invoice", receipt["id"], date="2026-06-09")).json
    refused = desk.window.post(f"/api/documents/{early['id']}/finish", {})
    assert (refused.status, list(refused.json["fields"])) == (422, ["date"])


def test_what_is_missing_in_stock_keeps_all_of_the_delivery_back(desk: Desk) -> None:
    desk.finished("goods_receipt", desk.line("3", "10"))
    before = desk.balances()
    draft = desk.draft("delivery", desk.line("2", "20"), desk.line("2", "20")).json
    refused = desk.window.post(f"/api/documents/{draft['id']}/finish", {})
    assert refused.status == 422
    assert desk.get(draft["id"])["state"] == "draft"
    assert desk.balances() == before
    preview = desk.window.post(
        "/api/documents/preview",
        {"kind": "delivery", "date": "2026-06-10", "contact_id": desk.customer, "lines": [desk.line("4", "5")]},
    ).json
    assert len(preview["concerns"]) == 2
    desk.finished("goods_receipt", desk.line("1", "10"))
    assert desk.finish(draft["id"])["number"] == "CK-202606-0001"


def test_returns_and_credits_take_back_in_red_what_was_sold(desk: Desk) -> None:
    desk.finished("goods_receipt", desk.line("10", "11.30"))
    start = desk.balances()
    delivery = desk.finished("delivery", desk.line("10", "22.60"))
    invoice = desk.follow("sales_invoice", delivery["id"])
    returned = desk.follow("sales_return", delivery["id"], quantity="3")
    assert returned["lines"][0]["cost"] == "30.00"
    assert desk.cancel(delivery["id"]).code == "document_followed"
    credit = desk.follow("sales_credit", returned["id"])
    assert (credit["gross"], credit["number"]) == ("67.80", "XH-202606-0001")
    balances = desk.balances()
    assert (balances[RECEIVABLE], balances[REVENUE], balances[COST]) == ("158.20", "140.00", "70.00")
    more = desk.line("8", "22.60", source_line_id=invoice["lines"][0]["id"])
    too_much = desk.draft("sales_credit", more, date="2026-06-20").json
    assert "只剩 7" in desk.window.post(f"/api/documents/{too_much['id']}/finish", {}).json["error"]
    for document in (credit, returned, invoice, delivery):
        taken_back = desk.cancel(document["id"])
        assert (taken_back.status, taken_back.json["state"]) == (200, "cancelled"), taken_back.json
    assert desk.balances() == start
    counter = desk.get(desk.get(delivery["id"])["cancelled_by"])
    assert (counter["number"], counter["gross"], counter["counter_of"]) == ("CK-202606-0002", "-226.00", delivery["id"])
    assert counter["lines"][0]["cost"] == "-100.00"
    assert len(counter["vouchers"]) == 1
    assert desk.cancel(counter["id"]).code == "document_state"


def test_goods_that_go_back_take_their_estimate_or_wait_for_their_credit(desk: Desk) -> None:
    receipt = desk.finished("goods_receipt", desk.line("10", "11.30"))
    early = desk.follow("purchase_return", receipt["id"], quantity="2")
    invoice = desk.follow("purchase_invoice", receipt["id"])
    assert invoice["lines"][0]["quantity"] == "8"
    late = desk.follow("purchase_return", receipt["id"], quantity="3")
    credit = desk.follow("purchase_credit", late["id"])
    assert credit["gross"] == "33.90"
    balances = desk.balances()
    assert (balances[STOCK], balances[INPUT_VAT]) == ("50.00", "6.50")
    for document in (credit, late, invoice, early, receipt):
        assert desk.cancel(document["id"]).status == 200
    assert desk.balances() == {}


def test_an_invoice_before_its_goods_waits_for_them(desk: Desk) -> None:
    invoice = desk.finished("purchase_invoice", desk.line("10", "11.30"), deductible=False)
    assert ("2202", "credit") not in desk.balances() or desk.balances().get(STOCK) is None
    receipt = desk.follow("goods_receipt", invoice["id"])
    assert desk.balances()[STOCK] == receipt["lines"][0]["cost"] == "113.00"
    assert desk.cancel(invoice["id"]).code == "document_followed"
    assert desk.cancel(receipt["id"]).status == desk.cancel(invoice["id"]).status == 200
    assert desk.balances() == {}


def test_a_lower_price_reaches_what_is_in_stock_and_what_was_sold(desk: Desk) -> None:
    receipt = desk.finished("goods_receipt", desk.line("10", "11.30"))
    invoice = desk.follow("purchase_invoice", receipt["id"])
    desk.finished("delivery", desk.line("4", "22.60"))
    cheaper = desk.line("10", "1.13", source_line_id=invoice["lines"][0]["id"])
    credit = desk.finished("purchase_credit", cheaper, date="2026-06-20")
    balances = desk.balances()
    assert (balances[STOCK], balances[COST]) == ("54.00", "36.00")
    assert desk.cancel(credit["id"]).status == 200
    balances = desk.balances()
    assert (balances[STOCK], balances[COST]) == ("60.00", "40.00")


def test_delivery_and_invoice_are_finished_together(desk: Desk) -> None:
    desk.finished("goods_receipt", desk.line("10", "11.30"))
    draft = desk.draft("delivery", desk.line("4", "22.60")).json
    done = desk.finish(draft["id"], with_follower=True, version=1)
    assert [(link["kind"], link["relation"]) for link in done["links"]] == [("sales_invoice", "follower")]
    assert desk.balances()[RECEIVABLE] == "90.40"
    bill = desk.draft("purchase_invoice", desk.line("2", "11.30"), {"description": "运费", "quantity": "1"}).json
    assert [link["kind"] for link in desk.finish(bill["id"], with_follower=True)["links"]] == ["goods_receipt"]
    receipt = desk.draft("goods_receipt", desk.line("2", "11.30")).json
    assert [link["kind"] for link in desk.finish(receipt["id"], with_follower=True)["links"]] == ["purchase_invoice"]
    assert desk.balances()[STOCK] == "100.00"
    work = desk.draft("sales_invoice", {"item_id": desk.service, "quantity": "1", "unit_price": "53"}).json
    assert desk.finish(work["id"], with_follower=True)["links"] == []


def test_the_credit_limit_holds_back_what_goes_beyond_it(local_desk: Desk, sqlite_book: Book) -> None:
    desk = local_desk
    desk.finished("goods_receipt", desk.line("10", "11.30"))
    contact = desk.window.get(f"/api/contacts/{desk.customer}").json
    change = {"credit_limit": "100", "version": contact["version"]}
    assert desk.window.patch(f"/api/contacts/{desk.customer}", change).status == 200
    desk.follow("sales_invoice", desk.finished("delivery", desk.line("4", "22.60"))["id"])
    draft = desk.draft("delivery", desk.line("1", "22.60")).json
    refused = desk.window.post(f"/api/documents/{draft['id']}/finish", {})
    assert (refused.status, refused.code) == (422, "credit_limit")
    assert refused.json["details"] == {"limit": "100.00", "owed": "113.00"}
    paid = {"kind": "collection", "date": "2026-06-12", "contact_id": desk.customer, "account_code": "1001"}
    advance = desk.window.post("/api/payments", paid | {"amount": "13"}).json
    assert desk.window.post(f"/api/payments/{advance['id']}/finish", {}).status == 200
    preview = {"kind": "delivery", "date": "2026-06-12", "contact_id": desk.customer}
    concerns = desk.window.post("/api/documents/preview", preview | {"lines": [desk.line("2", "12")]}).json["concerns"]
    assert [concern for concern in concerns if "101.40" in concern]
    assert desk.finished("delivery", desk.line("1", "22.60"))["state"] == "done"
    give_owner_login(desk.window)
    owner = caller_on(sqlite_book, serve=True).log_in("boss", "owner-secret-1")
    rights = ["orders:sales:finish", "orders:sales:view"]
    add_person(owner, "clerk", [add_role(owner, "开单", rights)])
    add_person(owner, "chief", [add_role(owner, "主管", [*rights, "orders:credit-limit:ignore"])])
    path, wish = f"/api/documents/{draft['id']}/finish", {"ignore_credit_limit": True}
    served = caller_on(sqlite_book, serve=True)
    assert served.log_in("clerk", "clerk-secret").post(path, wish).status == 403
    assert served.log_in("chief", "chief-secret").post(path, wish).json["state"] == "done"


def test_a_small_firm_counts_input_vat_as_cost(sqlite_book: Book) -> None:
    from tests.orders.conftest import make_desk

    desk = make_desk(sqlite_book, vat="small")
    desk.follow("purchase_invoice", desk.finished("goods_receipt", desk.line("10", "11.30"))["id"])
    desk.finished("sales_invoice", desk.line("1", "101"))
    balances = desk.balances()
    assert balances[STOCK] == "113.00"
    assert (balances[REVENUE], balances["222101", "credit"]) == ("100.00", "1.00")


def test_a_closed_month_takes_no_document_and_a_late_cancellation_goes_into_an_open_one(local_desk: Desk) -> None:
    desk = local_desk
    receipt = desk.finished("goods_receipt", desk.line("10", "11.30"))
    closed = desk.window.post("/api/periods/2026-06/close", {"carry_forward": True})
    assert closed.status in {200, 201, 202}, closed.json
    draft = desk.draft("sales_order", desk.line("1", "1")).json
    refused = desk.window.post(f"/api/documents/{draft['id']}/finish", {})
    assert (refused.status, list(refused.json["fields"])) == (422, ["date"])
    assert desk.cancel(receipt["id"], date="2026-06-30").code == "period_closed"
    cancelled = desk.cancel(receipt["id"])
    assert cancelled.status == 200, cancelled.json
    assert desk.get(cancelled.json["cancelled_by"])["date"] == "2026-07-01"


def test_an_item_that_documents_name_stays(desk: Desk) -> None:
    desk.draft("sales_order", desk.line("1", "5"))
    assert desk.window.delete(f"/api/items/{desk.item}?version=1").code == "item_in_use"
    assert len(desk.window.get(f"/api/items/{desk.item}").json["units"]) == 1


def test_lots_go_from_receipt_to_delivery_and_back(desk: Desk) -> None:
    body = {"code": "L1", "name": "牛奶", "unit": "瓶", "tracks_lots": True, "tracks_expiry": True, "costing": "lot"}
    milk = desk.window.post("/api/items", body | {"units": [{"unit": "箱", "factor": "6"}]}).json["id"]
    lots = [("A", "2", "2.26"), ("B", "1", "3.39")]
    desk.finished(
        "goods_receipt",
        *(
            {"item_id": milk, "quantity": count, "unit": "箱", "unit_price": price, "lot": lot, "expiry": "2026-12-31"}
            for lot, count, price in lots
        ),
    )
    without = desk.draft("delivery", {"item_id": milk, "quantity": "1", "unit_price": "1"}).json
    assert desk.window.post(f"/api/documents/{without['id']}/finish", {}).status == 422
    sold = desk.finished("delivery", {"item_id": milk, "quantity": "3", "unit_price": "1", "lot": "B"})
    assert (sold["lines"][0]["unit"], sold["lines"][0]["cost"]) == ("瓶", "1.50")
    back = desk.follow("sales_return", sold["id"], quantity="2")
    assert (back["lines"][0]["lot"], back["lines"][0]["cost"]) == ("B", "1.00")
    assert desk.balances()[STOCK] == "6.50"


def test_a_follower_carries_units_discounts_and_an_invoices_own_amounts_over(desk: Desk) -> None:
    boxes = {"item_id": desk.item, "quantity": "1", "unit": "盒", "unit_price": "120", "discount_percent": "10"}
    order = desk.finished("sales_order", boxes, desk.line("3", "10"), discount="13.80")
    desk.finished("goods_receipt", desk.line("30", "1"))
    first = desk.follower("delivery", order["id"])
    assert (first["discount"], [line["unit"] for line in first["lines"]]) == ("13.80", ["盒", "个"])
    loose = first["lines"][0] | {"quantity": "5", "unit": "个", "unit_price": "10"}
    part = desk.window.post("/api/documents", first | {"lines": [loose], "discount": "4.5"}).json
    assert desk.finish(part["id"])["gross"] == "40.50"
    rest = desk.follower("delivery", order["id"])
    assert [(line["quantity"], line["unit"], line["unit_price"]) for line in rest["lines"]] == [
        ("7", "个", "10"),
        ("3", "个", "10"),
    ]
    assert desk.follow("delivery", order["id"])["gross"] == "83.70"
    own = desk.line("3", "", net="8.84", tax="1.16", gross="10.00")
    invoice = desk.finished("sales_invoice", own)
    credit = desk.follower("sales_credit", invoice["id"])
    amounts = credit["lines"][0]
    assert (amounts["net"], amounts["tax"], amounts["gross"]) == ("8.84", "1.16", "10.00")


def test_items_costed_by_the_months_average_cost_nothing_yet(desk: Desk) -> None:
    body = {"code": "Y1", "name": "大米", "unit": "公斤", "costing": "monthly"}
    rice = desk.window.post("/api/items", body).json["id"]
    desk.finished("goods_receipt", {"item_id": rice, "quantity": "10", "unit_price": "11.30"})
    sold = desk.finished("delivery", {"item_id": rice, "quantity": "4", "unit_price": "22.60"})
    assert (sold["lines"][0]["cost"], sold["vouchers"]) == ("", [])
    assert desk.balances()[STOCK] == "100.00"
    assert desk.window.post("/api/stock/month-costing", {"period": "2026-06"}).status == 200
    assert desk.get(sold["id"])["lines"][0]["cost"] == "40.00"
    assert desk.balances()[COST] == "40.00"


def test_vouchers_that_wait_for_review_are_taken_back_as_well(desk: Desk) -> None:
    settings = desk.window.get("/api/stock-settings").json
    body = {"post_vouchers": False, "version": settings["version"]}
    assert desk.window.patch("/api/stock-settings", body).status == 200
    receipt = desk.finished("goods_receipt", desk.line("10", "11.30"))
    invoice = desk.follow("purchase_invoice", receipt["id"])
    assert [link["state"] for link in invoice["vouchers"]] == ["draft"]
    assert desk.cancel(invoice["id"]).status == desk.cancel(receipt["id"]).status == 200
    assert [link["state"] for link in desk.get(invoice["id"])["vouchers"]] == ["void"]
    assert desk.balances() == {}


def test_a_credit_is_taken_back_before_the_goods_that_came_later(local_desk: Desk) -> None:
    desk = local_desk
    invoice = desk.finished("purchase_invoice", desk.line("10", "11.30"))
    body = desk.follower("purchase_credit", invoice["id"])
    body["lines"][0] |= {"net": "110.00", "tax": "14.30", "gross": "124.30", "unit_price": ""}
    credit = desk.finish(desk.window.post("/api/documents", body).json["id"])
    receipt = desk.follow("goods_receipt", invoice["id"])
    assert stock_and_ledger(desk) == ("0.00", "0.00")
    assert desk.cancel(credit["id"]).code == "credit_received", "the goods would be worth nothing for good"
    assert desk.cancel(receipt["id"]).status == 200
    assert desk.cancel(credit["id"]).status == 200
    desk.follow("goods_receipt", invoice["id"])
    assert stock_and_ledger(desk) == ("100.00", "100.00")


def test_a_credit_is_taken_back_after_the_receipt_it_changed(local_desk: Desk) -> None:
    desk = local_desk
    invoice = desk.finished("purchase_invoice", desk.line("10", "11.30"))
    receipt = desk.follow("goods_receipt", invoice["id"])
    credit = desk.follow("purchase_credit", invoice["id"], quantity="5")
    assert stock_and_ledger(desk) == ("50.00", "50.00")
    assert desk.cancel(receipt["id"]).status == 200
    assert stock_and_ledger(desk) == ("0.00", "0.00")
    assert desk.cancel(credit["id"]).status == 200
    assert stock_and_ledger(desk) == ("0.00", "0.00")
    assert COST not in desk.balances()
    assert desk.cancel(invoice["id"]).status == 200
    assert desk.balances() == {}


def stock_and_ledger(desk: Desk) -> tuple[str, str]:
    return desk.window.get("/api/stock").json["total_amount"], desk.balances().get(STOCK, "0.00")


def test_money_is_not_paid_into_stock(local_desk: Desk) -> None:
    local_desk.finished("goods_receipt", local_desk.line("10", "11.30"))
    money = {"kind": "collection", "date": "2026-06-20", "contact_id": local_desk.customer, "amount": "5"}
    refused = local_desk.window.post("/api/payments", money | {"account_code": "1405"})
    assert (refused.status, list(refused.json["fields"])) == (400, ["account_code"])
    assert local_desk.window.post("/api/payments", money | {"account_code": "1002"}).status == 201


def test_a_credit_from_before_its_goods_goes_back_only_without_their_receipt(local_desk: Desk) -> None:
    desk = local_desk
    invoice = desk.finished("purchase_invoice", desk.line("10", "11.3"), date="2026-06-02")
    credit = desk.follow("purchase_credit", invoice["id"], date="2026-06-03", quantity="2")
    receipt = desk.follow("goods_receipt", invoice["id"], date="2026-06-05")
    refused = desk.cancel(credit["id"])
    assert (refused.status, refused.code) == (422, "credit_received")
    assert receipt["number"] in refused.json["error"]
    assert desk.cancel(receipt["id"]).status == 200
    assert desk.cancel(credit["id"]).status == 200
    desk.follow("goods_receipt", invoice["id"], date="2026-06-06")
    found = desk.balances()
    assert (found["1405", "debit"], found["2202", "credit"]) == ("100.00", "113.00")
