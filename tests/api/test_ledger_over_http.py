"""One voucher's life over HTTP, on both databases; the rules themselves are tested with the ledger."""

from __future__ import annotations

import uuid
from typing import Any

from tests.calling import Caller


def voucher(amount: str = "100.00", **more: Any) -> dict[str, Any]:
    return {
        "date": "2026-06-15",
        "entries": [
            {"summary": "存现金", "account_code": "1002", "debit": amount},
            {"summary": "存现金", "account_code": "1001", "credit": amount},
        ],
        "request_id": str(uuid.uuid4()),
        **more,
    }


def test_a_voucher_is_saved_reviewed_posted_and_reversed(window: Caller) -> None:
    saved = window.post("/api/vouchers", voucher())
    assert (saved.status, saved.json["state"], saved.json["number"]) == (201, "draft", 1)
    path = f"/api/vouchers/{saved.json['id']}"
    changed = window.put(path, voucher("120.00", version=saved.json["version"]))
    assert changed.json["debit_total"] == "120.00"
    assert window.put(path, voucher("130.00", version=saved.json["version"])).code == "stale_version"
    assert window.post(f"{path}/review", {}).json["state"] == "reviewed"
    posted = window.post(f"{path}/post", {"request_id": str(uuid.uuid4())})
    assert (posted.status, posted.json["state"]) == (200, "posted")
    assert window.delete(path).status == 422
    red = window.post(f"{path}/reverse", {"request_id": str(uuid.uuid4()), "post": True})
    assert (red.status, red.json["reversal_of"], red.json["entries"][0]["debit"]) == (201, saved.json["id"], "-120.00")
    rows = {row["code"]: row for row in window.get("/api/reports/trial-balance").json["rows"]}
    assert rows["1002"]["closing_debit"] == "0.00"
    assert window.get(path).json["reversed_by"] == red.json["id"]


def test_a_repeated_post_saves_one_voucher(window: Caller) -> None:
    body = voucher()
    first, second = window.post("/api/vouchers", body), window.post("/api/vouchers", body)
    assert first.data == second.data
    assert len(window.get("/api/vouchers").json["vouchers"]) == 1


def test_vouchers_are_paged_by_cursor(window: Caller) -> None:
    for _ in range(5):
        window.post("/api/vouchers", voucher())
    seen: list[int] = []
    cursor = ""
    while True:
        page = window.get(f"/api/vouchers?limit=2&cursor={cursor}").json
        seen += [head["number"] for head in page["vouchers"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == [1, 2, 3, 4, 5]


def test_a_draft_is_deleted_with_its_version(window: Caller) -> None:
    saved = window.post("/api/vouchers", voucher()).json
    path = f"/api/vouchers/{saved['id']}"
    assert window.delete(f"{path}?version={saved['version'] + 1}").status == 409
    assert window.delete(f"{path}?version={saved['version']}").status == 204
    assert window.get(path).status == 404


def test_months_close_and_reopen(window: Caller) -> None:
    assert window.post("/api/periods/2026-06/close", {}).json["state"] == "closed"
    late = window.post("/api/vouchers", voucher())
    assert (late.status, late.json["number"]) == (201, None)
    assert window.post("/api/periods/2026-06/reopen", {}).json["state"] == "open"
    assert window.post("/api/periods/2026-13/close", {}).status == 400


def test_accounts_auxiliaries_and_openings(window: Caller) -> None:
    added = window.post("/api/accounts", {"code": "100201", "name_zh": "工行", "parent_code": "1002"})
    assert (added.status, added.json["level"]) == (201, 2)
    change = {"name_zh": "工商银行", "version": added.json["version"]}
    renamed = window.patch(f"/api/accounts/{added.json['id']}", change)
    assert renamed.json["name_zh"] == "工商银行"
    assert window.get("/api/accounts?q=gsyh").json["accounts"][0]["code"] == "100201"
    assert window.post("/api/auxiliaries", {"kind": "客户", "name": "甲公司"}).status == 201
    assert window.get("/api/auxiliaries?kind=客户").json["auxiliaries"][0]["name"] == "甲公司"
    rows = [
        {"account_code": "100201", "opening_debit": "500.00"},
        {"account_code": "3001", "opening_credit": "500.00"},
    ]
    assert window.put("/api/opening", {"rows": rows}).status == 200
    assert {row["account_code"] for row in window.get("/api/opening").json["rows"]} == {"100201", "3001"}
    assert window.get("/api/currencies").json["currencies"][0]["code"] == "CNY"


def test_faults_speak_the_language_of_the_caller(window: Caller) -> None:
    faulty = voucher()
    faulty["entries"].pop()
    saved = window.post("/api/vouchers", faulty)
    path = f"/api/vouchers/{saved.json['id']}"
    assert saved.json["faults"][0]["message"] == "一张凭证至少要有两行分录。"
    english = window.get(path, headers={"Accept-Language": "en"})
    assert english.json["faults"][0]["message"] == "A voucher needs at least two entries."
    assert window.get(path).json["faults"][0]["message"] == "一张凭证至少要有两行分录。"


def test_a_batch_that_names_none_does_none_and_one_without_names_does_all(window: Caller) -> None:
    ids = [window.post("/api/vouchers", voucher()).json["id"] for _ in range(3)]
    assert window.post("/api/vouchers/review", {"ids": []}).json == {"done": 0, "refused": []}
    assert window.post("/api/vouchers/review", {"ids": [ids[0], ids[0]]}).json == {"done": 1, "refused": []}
    assert window.post("/api/vouchers/review", {"period": "2026-06"}).json["done"] == 2
    assert window.post("/api/vouchers/post", {"ids": []}).json == {"done": 0, "refused": []}
    assert window.post("/api/vouchers/post", {}).json["done"] == 3


def test_a_change_says_what_it_is_based_on(window: Caller) -> None:
    saved = window.post("/api/vouchers", voucher())
    refused = window.put(f"/api/vouchers/{saved.json['id']}", voucher("9.00"))
    assert (refused.status, refused.code, list(refused.json["fields"])) == (400, "version_missing", ["version"])
    assert window.get(f"/api/vouchers/{saved.json['id']}").json["debit_total"] == "100.00"
