"""Drafts, orders and quotations over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from app.storage.database import Book
from tests.calling import add_person, add_role, caller_on, give_owner_login
from tests.orders.desk import Desk


def test_a_draft_is_saved_once_computed_changed_and_deleted(desk: Desk) -> None:
    body = {
        "kind": "sales_order",
        "date": "2026-06-10",
        "contact_id": desk.customer,
        "discount": "10",
        "lines": [
            desk.line("2", "50"),
            {"item_id": desk.item, "quantity": "1", "unit": "盒", "unit_price": "10"},
            {"item_id": desk.service, "quantity": "1", "unit_price": "106"},
            {"description": "运费", "quantity": "1", "net": "10", "tax": "0.91", "gross": "10.91"},
        ],
        "request_id": str(uuid.uuid4()),
    }
    first, second = (desk.window.post("/api/documents", body) for _ in range(2))
    assert (first.status, second.data) == (201, first.data)
    assert (first.json["number"], first.json["state"]) == ("", "draft")
    lines = first.json["lines"]
    assert [line["base_quantity"] for line in lines] == ["2", "12", "1", "1"]
    assert [line["gross"] for line in lines] == ["95.38", "9.53", "101.09", "10.91"]
    assert [line["tax"] for line in lines] == ["10.97", "1.10", "5.72", "0.91"]
    assert first.json["gross"] == "216.91"
    path = f"/api/documents/{first.json['id']}"
    assert desk.window.put(path, body).code == "version_missing"
    changed = desk.window.put(path, body | {"lines": [desk.line("1", "113")], "discount": "", "version": 1})
    assert (changed.json["net"], changed.json["tax"], changed.json["gross"]) == ("100.00", "13.00", "113.00")
    assert desk.window.put(path, body | {"version": 1}).code == "stale_version"
    assert desk.window.delete(f"{path}?version=2").status == 204
    assert desk.window.get(path).status == 404


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("date", {"date": "2026-13-01"}),
        ("contact_id", {"contact_id": 999}),
        ("lines.0.quantity", {"lines": [{"description": "x", "quantity": "0", "unit_price": "1"}]}),
        ("lines.0.quantity", {"lines": [{"description": "x", "quantity": "x", "unit_price": "1"}]}),
        ("lines.0.description", {"lines": [{"quantity": "1", "unit_price": "1"}]}),
        ("lines.0.item_id", {"lines": [{"item_id": 999, "description": "x", "quantity": "1"}]}),
        ("lines.0.tax_rate", {"lines": [{"description": "x", "quantity": "1", "tax_rate": "-1"}]}),
        ("lines.0.net", {"lines": [{"description": "x", "quantity": "1", "net": "1"}]}),
        ("lines.0.gross", {"lines": [{"description": "x", "quantity": "1", "net": "1", "tax": "1", "gross": "1"}]}),
        ("lines.0.source_line_id", {"lines": [{"description": "x", "quantity": "1", "source_line_id": 99}]}),
        ("discount", {"discount": "2", "lines": [{"description": "x", "quantity": "1", "unit_price": "1"}]}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(local_desk: Desk, field: str, wrong: dict[str, Any]) -> None:
    answer = local_desk.draft("sales_order", local_desk.line("1", "1"), **wrong)
    assert (answer.status, list(answer.json["fields"])) == (400, [field])


def test_an_empty_price_is_the_items_own_or_that_of_the_contacts_list(local_desk: Desk) -> None:
    desk = local_desk
    body = {"code": "P1", "name": "灯", "unit": "只", "sales_price": "11.3", "purchase_price": "5.65"}
    lamp = desk.window.post("/api/items", body).json["id"]

    def price(kind: str, **more: Any) -> str:
        draft = desk.draft(kind, {"item_id": lamp, "quantity": "1"}, **more).json
        return str(draft["lines"][0]["unit_price"])

    assert [price("sales_order"), price("purchase_order")] == ["11.3", "5.65"]
    assert price("sales_order", prices_include_tax=False) == "10"
    listed = desk.window.post("/api/price-lists", {"name": "批发价", "includes_tax": False}).json
    rows = {"rows": [{"item_id": lamp, "price": "8"}], "version": listed["version"]}
    assert desk.window.put(f"/api/price-lists/{listed['id']}/prices", rows).status == 200
    contact = desk.window.get(f"/api/contacts/{desk.customer}").json
    change = {"price_list_id": listed["id"], "version": contact["version"]}
    assert desk.window.patch(f"/api/contacts/{desk.customer}", change).status == 200
    assert price("sales_order") == "9.04"


def test_quotation_and_order_take_their_numbers_in_turn_and_hold_until_they_are_carried_out(desk: Desk) -> None:
    quotation = desk.finished("quotation", desk.line("10", "5"))
    assert (quotation["number"], quotation["state"]) == ("BJ-202606-0001", "open")
    part = desk.follow("sales_order", quotation["id"], quantity="4")
    assert (part["number"], part["state"]) == ("XS-202606-0001", "open")
    assert desk.get(quotation["id"])["lines"][0]["fulfilled"] == {"sales_order": "4"}
    rest = desk.follower("sales_order", quotation["id"])
    assert [line["quantity"] for line in rest["lines"]] == ["6"]
    too_much = rest | {"lines": [rest["lines"][0] | {"quantity": "7"}]}
    draft = desk.window.post("/api/documents", too_much).json
    refused = desk.window.post(f"/api/documents/{draft['id']}/finish", {})
    assert (refused.status, refused.code) == (422, "document_incomplete")
    assert "只剩 6" in refused.json["error"]
    assert desk.follow("sales_order", quotation["id"])["number"] == "XS-202606-0002"
    done = desk.get(quotation["id"])
    assert done["state"] == "done"
    assert {link["relation"] for link in done["links"]} == {"follower"}
    assert desk.window.put(f"/api/documents/{part['id']}", draft | {"version": 1}).status == 400
    assert desk.cancel(quotation["id"]).code == "document_followed"
    assert desk.cancel(part["id"]).json["state"] == "cancelled"
    assert desk.get(quotation["id"])["state"] == "open"


def test_several_orders_come_together_and_only_of_one_contact(desk: Desk) -> None:
    orders = [desk.finished("sales_order", desk.line(str(count), "5"))["id"] for count in (1, 2)]
    merged = desk.follower("delivery", *orders)
    assert [line["quantity"] for line in merged["lines"]] == ["1", "2"]
    other = desk.window.post("/api/contacts", {"name": "丙公司", "roles": ["customer"]}).json["id"]
    stranger = desk.finished("sales_order", desk.line("1", "5"), contact_id=other)["id"]
    body = {"kind": "delivery", "source_ids": [*orders, stranger]}
    assert desk.window.post("/api/documents/follower", body).code == "sources_differ"
    closed = desk.window.post(f"/api/documents/{orders[0]}/close", {"reason": "客户不要了"})
    assert closed.json["state"] == "closed"
    assert desk.window.post("/api/documents/follower", body | {"source_ids": orders}).code == "document_state"
    assert desk.window.post(f"/api/documents/{orders[0]}/reopen", {}).json["state"] == "open"


def test_documents_are_found_by_what_they_are(desk: Desk) -> None:
    desk.finished("sales_order", desk.line("1", "5"), reference="合同 77", date="2026-06-12")
    desk.finished("purchase_order", desk.line("1", "5"))
    desk.draft("quotation", {"description": "咨询", "quantity": "1", "unit_price": "5"}, date="2026-06-11")

    def found(query: str) -> list[str]:
        return [head["kind"] for head in desk.window.get(f"/api/documents?{query}").json["documents"]]

    assert found("") == ["sales_order", "quotation", "purchase_order"]
    assert found("side=purchase") == ["purchase_order"]
    assert found("kind=quotation,purchase_order&state=open") == ["purchase_order"]
    assert found("q=77") == found("q=XS-2026") == ["sales_order"]
    assert found(f"q=甲公司&item_id={desk.item}") == ["sales_order"]
    assert found(f"contact_id={desk.supplier}") == ["purchase_order"]
    assert found("from_date=2026-06-11&to_date=2026-06-11") == ["quotation"]
    assert found("unfulfilled=true") == ["sales_order", "purchase_order"]
    assert found("unsettled=true") == []
    first = desk.window.get("/api/documents?limit=2").json
    assert [*(head["kind"] for head in first["documents"]), *found(f"limit=2&cursor={first['next']}")] == found("")
    assert desk.window.get("/api/documents?kind=nonsense").code == "choice_unknown"


def test_a_preview_keeps_nothing_and_says_what_stands_against_it(desk: Desk) -> None:
    body = {"kind": "sales_order", "date": "2026-05-10", "lines": [desk.line("2", "50")]}
    preview = desk.window.post("/api/documents/preview", body).json
    assert (preview["gross"], preview["tax"]) == ("100.00", "11.50")
    assert len([concern for concern in preview["concerns"] if "往来单位" in concern or "2026-05" in concern]) == 2
    assert desk.window.get("/api/documents").json["documents"] == []


def test_an_invoice_number_is_not_entered_twice_unnoticed_and_a_draft_can_be_given_up(local_desk: Desk) -> None:
    desk = local_desk
    draft = desk.draft("purchase_invoice", desk.line("1", "5"), reference="24312000000001").json
    body = {"kind": "purchase_invoice", "date": "2026-06-11", "contact_id": desk.supplier, "lines": []}
    preview = desk.window.post("/api/documents/preview", body | {"reference": "24312000000001"}).json
    assert [concern for concern in preview["concerns"] if "24312000000001" in concern]
    given_up = desk.cancel(draft["id"]).json
    assert (given_up["state"], given_up["number"], given_up["cancelled_by"]) == ("cancelled", "", None)
    assert desk.window.post(f"/api/documents/{draft['id']}/finish", {}).code == "document_state"


def test_the_example_calls_make_and_list_orders(desk: Desk) -> None:
    person = desk.window.post("/users", {"name": "张三", "email": "z@example.com"})
    assert person.status == 201
    user_id = desk.window.get("/users").json[-1]["id"]
    for item in ("A1", "螺丝", "没有的东西"):
        made = desk.window.post("/orders", {"user_id": user_id, "item": item})
        assert (made.status, made.json) == (201, {"message": "Order created successfully"})
    listed = desk.window.get("/orders").json
    assert [(order["user_id"], order["quantity"], order["state"]) for order in listed] == [(user_id, "1", "draft")] * 3
    lines = [desk.get(order["id"])["lines"][0]["item_code"] for order in listed]
    assert lines == ["A1", "A1", ""]
    assert desk.get(listed[0]["id"])["person"] == "张三"
    assert desk.window.post("/orders", {"user_id": 999, "item": "A1"}).status == 404
    missing = desk.window.post("/orders", {"user_id": user_id})
    assert (missing.status, missing.json["error"]) == (400, "缺少必要的字段")


def test_who_may_only_see_sales_sees_and_makes_no_purchases(local_desk: Desk, sqlite_book: Book) -> None:
    desk = local_desk
    purchase = desk.finished("purchase_order", desk.line("1", "5"))
    desk.finished("sales_order", desk.line("1", "5"))
    give_owner_login(desk.window)
    owner = caller_on(sqlite_book, serve=True).log_in("boss", "owner-secret-1")
    role = add_role(owner, "销售", ["orders:sales:view", "orders:sales:add", "orders:sales:finish"])
    add_person(owner, "seller", [role])
    seller = caller_on(sqlite_book, serve=True).log_in("seller", "seller-secret")
    assert [head["kind"] for head in seller.get("/api/documents").json["documents"]] == ["sales_order"]
    assert seller.get(f"/api/documents/{purchase['id']}").status == 403
    order = {"kind": "purchase_order", "date": "2026-06-10", "lines": []}
    assert seller.post("/api/documents", order).status == 403
    made = seller.post("/api/documents", order | {"kind": "sales_order"})
    assert made.status == 201
    assert seller.delete(f"/api/documents/{made.json['id']}").status == 403
    assert seller.post(f"/api/documents/{made.json['id']}/finish", {"ignore_credit_limit": True}).status == 403
