"""Whatever is changed from an old state is refused the same way: who was faster, when, and the whole thing as it is."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from app.storage.database import Book
from tests.calling import Answer, Caller, caller_on, set_up

Body = dict[str, Any]


@pytest.fixture
def window(sqlite_book: Book) -> Caller:
    """The window of a fresh book in a file."""
    set_up(sqlite_book)
    return caller_on(sqlite_book)


def made(answer: Answer) -> Any:
    assert answer.status in {200, 201}, answer.json
    return answer.json


def patched(path: str, make: Body, change: Body, again: Body) -> Callable[[Caller], Answer]:
    """Make a thing, change it, and change it again as if it had not been changed."""

    def run(window: Caller) -> Answer:
        thing = made(window.post(path, make))
        thing = thing.get("user", thing)
        made(window.patch(f"{path}/{thing['id']}", change | {"version": thing["version"]}))
        return window.patch(f"{path}/{thing['id']}", again | {"version": thing["version"]})

    return run


def put_again(path: str, make: Body) -> Callable[[Caller], Answer]:
    """The same for things that are replaced."""

    def run(window: Caller) -> Answer:
        if "contact_id" in make:
            make["contact_id"] = made(window.post("/api/contacts", {"name": f"{path}公司", "roles": ["customer"]}))[
                "id"
            ]
        if "lines" in make and "item_id" in make["lines"][0]:
            item = {"code": "A9", "name": "苹果", "unit": "个"}
            make["lines"][0]["item_id"] = made(window.post("/api/items", item))["id"]
        thing = made(window.post(path, make))
        change = {name: value for name, value in make.items() if name != "request_id"} | {"version": thing["version"]}
        made(window.put(f"{path}/{thing['id']}", change))
        return window.put(f"{path}/{thing['id']}", change)

    return run


def setting(method: str, path: str, first: Body, second: Body) -> Callable[[Caller], Answer]:
    """The same for settings of the book."""

    def run(window: Caller) -> Answer:
        before = window.get(path).json
        whole = {} if method == "PATCH" else before
        made(window.call(method, path, whole | first | {"version": before["version"]}))
        return window.call(method, path, whole | second | {"version": before["version"]})

    return run


def definition(window: Caller) -> Answer:
    path = "/api/statement-definitions/income-statement"
    found = window.get(path).json
    typed = {name: found[name] for name in ("title_zh", "title_en", "form", "layout", "rows", "checks")}
    made(window.put(path, typed | {"version": found["version"]}))
    return window.put(path, typed | {"version": found["version"]})


def presentation(window: Caller) -> Answer:
    version = window.get("/api/statements").json["settings_version"]
    path = "/api/statement-settings"
    made(window.put(path, {"vat_presentation": "reclass_2016", "version": version}))
    return window.put(path, {"vat_presentation": "text_2011", "version": version})


ENTRIES = [
    {"summary": "存现金", "account_code": "1002", "debit": "1"},
    {"summary": "存现金", "account_code": "1001", "credit": "1"},
]
VOUCHER = {"date": "2026-06-15", "entries": ENTRIES}
LINE = {"description": "纸", "quantity": "1", "unit_price": "1"}
CARD = {
    "code": "A1",
    "name": "车床",
    "acquired_on": "2026-01-10",
    "asset_account_code": "160102",
    "accumulated_account_code": "1602",
    "expense_account_code": "560202",
    "original_value": "12000",
    "residual_rate": "5",
    "life_months": 60,
}
NAME, OTHER = {"name": "乙"}, {"name": "丙"}

STALE: dict[str, Callable[[Caller], Answer]] = {
    "account": patched(
        "/api/accounts",
        {"code": "140301", "parent_code": "1403", "name_zh": "甲"},
        {"name_zh": "乙"},
        {"name_zh": "丙"},
    ),
    "contact": patched("/api/contacts", {"name": "甲", "roles": ["customer"]}, NAME, OTHER),
    "group": patched("/api/contact-groups", {"name": "甲"}, NAME, OTHER),
    "item": patched("/api/items", {"code": "A1", "name": "甲", "unit": "个"}, NAME, OTHER),
    "category": patched("/api/item-categories", {"name": "甲"}, NAME, OTHER),
    "warehouse": patched("/api/warehouses", {"name": "甲"}, NAME, OTHER),
    "price list": patched("/api/price-lists", {"name": "甲"}, NAME, OTHER),
    "department": patched("/api/departments", {"name": "甲"}, NAME, OTHER),
    "role": patched("/api/roles", {"name": "甲", "permissions": []}, NAME, OTHER),
    "person": patched("/api/users", {"name": "甲", "age": None}, NAME, OTHER),
    "asset": patched("/api/assets", CARD, NAME, OTHER),
    "voucher": put_again("/api/vouchers", VOUCHER),
    "template": put_again("/api/voucher-templates", {"name": "房租", "entries": [{"account_code": "560201"}]}),
    "document": put_again(
        "/api/documents",
        {
            "kind": "sales_order",
            "date": "2026-06-10",
            "contact_id": 0,
            "lines": [LINE],
            "request_id": str(uuid.uuid4()),
        },
    ),
    "stock document": put_again(
        "/api/stock-documents",
        {"kind": "other_in", "date": "2026-06-05", "lines": [{"item_id": 0, "quantity": "3", "amount": "100"}]},
    ),
    "payment": put_again(
        "/api/payments",
        {"kind": "collection", "date": "2026-06-11", "contact_id": 0, "account_code": "1002", "amount": "9"},
    ),
    "stock settings": setting("PATCH", "/api/stock-settings", {"allow_negative": True}, {"allow_negative": False}),
    "printed texts": setting("PATCH", "/api/document-print-settings", {"phone": "1"}, {"phone": "2"}),
    "voucher settings": setting("PUT", "/api/voucher-settings", {"word_rule": "收付转"}, {"cashier_must_sign": True}),
    "presentation of VAT": presentation,
    "closing parameters": setting("PUT", "/api/closing-parameters", {}, {}),
    "reclassification": put_again(
        "/api/reclassifications",
        {"period": "2026-06", "from_line": 1, "to_line": 2, "amount": "1", "reason": "改列"},
    ),
    "statement definition": definition,
}


def test_a_stale_edit_tells_who_when_and_what_stands_there(window: Caller) -> None:
    for thing, edit in STALE.items():
        refused = edit(window)
        assert (refused.status, refused.code) == (409, "stale_version"), (thing, refused.json)
        details = refused.json["details"]
        assert details["changed_by"] == "掌柜", thing
        assert details["changed_at"] > 1_700_000_000_000, thing
        assert details["current"]["version"] == details["version"], thing
        assert "已被掌柜修改" in refused.json["error"], thing


def test_a_document_is_told_with_its_lines(window: Caller) -> None:
    current = STALE["document"](window).json["details"]["current"]
    assert [line["description"] for line in current["lines"]] == ["纸"]


def test_who_attached_a_file_is_who_changed_the_voucher(window: Caller) -> None:
    voucher = made(window.post("/api/vouchers", VOUCHER))
    content = b"%PDF-1.7 x"
    digest = hashlib.sha256(content).hexdigest()
    begun = made(window.post("/api/uploads", {"name": "a.pdf", "size": len(content), "sha256": digest}))
    octets = "application/octet-stream"
    window.call("PUT", f"/api/uploads/{begun['id']}/0", data=content, content_type=octets)
    made(window.post(f"/api/vouchers/{voucher['id']}/attachments", {"upload_id": begun["id"]}))
    log = window.get(f"/api/audit?object_type=voucher&object_id={voucher['id']}").json["entries"]
    assert [row["action"] for row in log] == ["ledger:attachment:add", "ledger:voucher:add"]
