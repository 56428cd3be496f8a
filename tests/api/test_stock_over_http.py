"""Stock over HTTP, and the example calls of `/inventory/<item>`."""

from __future__ import annotations

from app.kernel.ids import new_request_id
from tests.calling import Caller


def test_stock_is_kept_over_http(window: Caller) -> None:
    item = window.post("/api/items", {"code": "A1", "name": "苹果", "unit": "个"}).json
    typed = {
        "kind": "other_in",
        "date": "2026-06-05",
        "lines": [{"item_id": item["id"], "quantity": "3", "amount": "100"}],
    }
    draft = window.post("/api/stock-documents", typed).json
    path = f"/api/stock-documents/{draft['id']}"
    done = window.post(f"{path}/finish", {"version": draft["version"], "request_id": new_request_id()}).json
    assert (done["state"], done["lines"][0]["base_quantity"]) == ("done", "3")
    assert window.get(f"/api/vouchers/{done['vouchers'][0]['voucher_id']}/document").json["number"] == done["number"]
    assert window.get("/api/stock?date=2026-06-30").json["total_amount"] == "100.00"
    assert window.get(f"/api/stock/moves?item_id={item['id']}").json["moves"][0]["in_amount"] == "100.00"
    assert window.get("/api/stock-documents?q=QR-").json["documents"][0]["number"] == done["number"]
    assert window.get(path).json["vouchers"] == done["vouchers"]
    assert window.get("/api/lots?item_id=1").json == {"lots": []}
    gone = window.post(f"{path}/cancel", {"reason": "错单"}).json
    assert gone["state"] == "cancelled"
    assert window.get("/api/stock").json["rows"] == []


def test_settings_and_rules_are_changed_over_http(window: Caller) -> None:
    assert window.patch("/api/stock-settings", {"allow_negative": True, "version": 1}).json["version"] == 2
    assert window.patch("/api/stock-settings", {"allow_negative": False, "version": 1}).status == 409
    rules = {rule["purpose"]: rule for rule in window.get("/api/posting-rules").json["rules"]}
    assert rules["stock"]["account_code"] == "1405"
    set_rule = window.put("/api/posting-rules", {"purpose": "stock", "account_code": "1403"}).json
    assert (set_rule["account_code"], set_rule["id"] is None) == ("1403", False)
    assert window.put("/api/posting-rules", {"purpose": "stock", "account_code": "1901"}).status == 422
    assert window.put("/api/posting-rules", {"purpose": "nothing", "account_code": "1403"}).status == 400
    back = window.put("/api/posting-rules", {"purpose": "stock", "account_code": ""}).json
    assert (back["account_code"], back["id"]) == ("1405", None)


def test_the_example_calls_of_inventory_answer(window: Caller) -> None:
    item = window.post("/api/items", {"code": "A1", "name": "苹果", "unit": "个"}).json
    lines = [{"item_id": item["id"], "quantity": "10", "amount": "100"}]
    draft = window.post("/api/stock-documents", {"kind": "other_in", "date": "2026-06-05", "lines": lines}).json
    window.post(f"/api/stock-documents/{draft['id']}/finish", {})
    assert window.get("/inventory").json == [{"item": "A1", "name": "苹果", "unit": "个", "quantity": "10"}]
    taken = window.post("/inventory/苹果", {"quantity": 3})
    assert (taken.status, taken.json["message"]) == (200, "Inventory updated for 苹果")
    assert window.post("/inventory/A1", {"quantity": "0.5"}).json["quantity"] == "6.5"
    assert window.post("/inventory/A1", {"quantity": 100}).status == 422
    assert window.post("/inventory/A1", {"quantity": 0}).status == 400
    assert window.post("/inventory/A1", {}).status == 400
    assert window.post("/inventory/梨", {"quantity": 1}).status == 404
    assert window.get("/inventory").json[0]["quantity"] == "6.5"
