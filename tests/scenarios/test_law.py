"""The rules for accounting software, each by its article: what it must do, and what it must let nobody do.

Articles without another name are those of 《会计软件基本功能和服务规范》, 财会〔2024〕12号, in force since 2025-01-01;
`docs/compliance.md` lists all of them and names these tests.
"""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.ledger.verify import verify_book
from app.storage.database import Book
from tests.calling import Caller, add_person, add_role, caller_on, give_owner_login, set_up


@pytest.fixture
def window(sqlite_book: Book) -> Caller:
    """The window of a fresh book of a firm that starts in 2026-06."""
    set_up(sqlite_book)
    return caller_on(sqlite_book)


def entries(amount: str = "100", summary: str = "投入资本") -> list[dict[str, Any]]:
    """Return a voucher's lines: capital paid into the bank."""
    return [
        {"summary": summary, "account_code": "1002", "debit": amount},
        {"summary": summary, "account_code": "3001", "credit": amount},
    ]


def add(window: Caller, date: str = "2026-06-05", lines: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    """Save a voucher."""
    answer = window.post("/api/vouchers", {"date": date, "entries": lines or entries(), **more})
    assert answer.status == 201, answer.json
    return answer.json


def post(window: Caller, **more: Any) -> Any:
    """Save, review and post a voucher; return it as it stands then."""
    made = add(window, **more)
    assert window.post(f"/api/vouchers/{made['id']}/review", {}).status == 200
    answer = window.post(f"/api/vouchers/{made['id']}/post", {})
    assert answer.status == 200, answer.json
    return answer.json


def test_article_13_chinese_throughout_and_every_character_survives(window: Caller) -> None:
    posted = post(window, lines=entries(summary="𠮷𡃁㐀龘 付「货款」"))
    assert window.get(f"/api/vouchers/{posted['id']}").json["entries"][0]["summary"] == "𠮷𡃁㐀龘 付「货款」"
    refused = window.post("/api/vouchers", {"date": "2026-06-05", "entries": [{"account_code": "0"}]})
    assert any("一" <= character <= "鿿" for character in refused.json["error"])


def test_article_14_the_book_is_kept_in_renminbi(window: Caller) -> None:
    assert window.get("/api/book").json["base_currency"] == "CNY"
    lines = entries()
    lines[0] |= {"currency": "USD", "foreign_amount": "10", "rate": "7.2", "debit": ""}
    lines[1] |= {"credit": "72"}
    made = post(window, lines=lines)
    assert (made["debit_total"], made["credit_total"]) == ("72.00", "72.00")


def test_article_15_input_is_checked_against_what_the_book_has(window: Caller) -> None:
    wrong = entries()
    wrong[0]["account_code"] = "100299"
    wrong[1]["aux"] = "客户:没有这个"
    answer = window.post("/api/vouchers", {"date": "2026-06-31", "entries": wrong})
    assert answer.status == 400
    assert {"date", "entries.0.account_code", "entries.1.aux"} <= set(answer.json["fields"])
    assert window.get("/api/vouchers").json["vouchers"] == []


def test_article_21_3_posted_is_for_ever(window: Caller) -> None:
    """No deletion, no change of date, currency, rate, amount, account or operator, no insertion, no renumbering."""
    first, second = post(window), post(window, date="2026-06-03")
    before = window.get(f"/api/vouchers/{first['id']}").json
    change = {"date": "2026-06-06", "entries": entries("200"), "version": first["version"]}
    assert window.put(f"/api/vouchers/{first['id']}", change).status == 422
    assert window.delete(f"/api/vouchers/{first['id']}?version={first['version']}").status == 422
    for verb in ("void", "unreview", "review", "post"):
        assert window.post(f"/api/vouchers/{first['id']}/{verb}", {}).status == 422, verb
    assert window.get(f"/api/vouchers/{first['id']}").json == before
    # one with an earlier date takes the next number; it is not put between
    third = post(window, date="2026-06-01")
    assert [first["number"], second["number"], third["number"]] == [1, 2, 3]


def test_article_21_3_numbers_are_consecutive_for_each_kind(window: Caller) -> None:
    for word in ("记", "记", "转", "记", "转"):
        post(window, word=word)
    heads = window.get("/api/vouchers").json["vouchers"]
    numbers = {word: [head["number"] for head in heads if head["word"] == word] for word in ("记", "转")}
    assert numbers == {"记": [1, 2, 3], "转": [1, 2]}


def test_article_21_3_what_is_altered_past_the_program_is_found(window: Caller, sqlite_book: Book) -> None:
    """Articles 31 and 34: each posted voucher is chained to the one before."""
    posted = post(window)
    path = sqlite_book.address.path
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE entry SET summary = '改过' WHERE voucher_id = ?", (posted["id"],))
        connection.commit()
    with sqlite_book.session():
        findings = verify_book().findings
    assert findings
    assert any("1 号" in finding.where or "记" in finding.where for finding in findings)


def test_article_22_ledgers_hold_posted_vouchers_only(window: Caller) -> None:
    draft = add(window)
    empty = window.get("/api/reports/trial-balance").json
    assert empty["rows"] == []
    window.post(f"/api/vouchers/{draft['id']}/review", {})
    assert window.get("/api/reports/trial-balance").json["rows"] == []
    window.post(f"/api/vouchers/{draft['id']}/post", {})
    rows = {row["code"]: row for row in window.get("/api/reports/trial-balance").json["rows"]}
    assert rows["1002"]["closing_debit"] == "100.00"
    ledger = window.get("/api/reports/subsidiary-ledger?account_code=1002").json["rows"]
    assert [row["voucher"] for row in ledger if row["kind"] == "entry"] == ["记-1"]


def test_article_24_a_month_with_unposted_vouchers_is_not_closed(window: Caller) -> None:
    post(window)
    waiting = add(window)
    answer = window.post("/api/periods/2026-06/close", {})
    assert answer.status == 422
    assert "记-2" in answer.json["error"]
    window.post(f"/api/vouchers/{waiting['id']}/review", {})
    assert window.post("/api/periods/2026-06/close", {}).status == 422
    window.post(f"/api/vouchers/{waiting['id']}/post", {})
    assert window.post("/api/periods/2026-06/close", {}).status == 200


def test_article_24_a_closed_month_takes_nothing(window: Caller) -> None:
    post(window)
    assert window.post("/api/periods/2026-06/close", {}).status == 200
    late = add(window, date="2026-06-30")
    assert late["number"] is None
    assert [fault["code"] for fault in late["faults"]] == ["period_not_open"]
    assert window.post(f"/api/vouchers/{late['id']}/review", {}).status == 422
    # reopening is a right of its own, for new vouchers only: what is posted stays
    assert window.post("/api/periods/2026-06/reopen", {}).status == 200
    assert window.delete("/api/vouchers/1?version=3").status == 422


def test_an_unbalanced_voucher_is_never_final(window: Caller) -> None:
    lines = entries()
    lines[1]["credit"] = "99.99"
    made = add(window, lines=lines)
    assert made["state"] == "draft"
    assert made["faults"]
    assert window.post(f"/api/vouchers/{made['id']}/review", {}).status == 422


def test_article_27_vouchers_books_and_statements_as_files(window: Caller) -> None:
    post(window)
    for name in ("trial-balance", "journal", "general-ledger", "balance-sheet", "income-statement", "cash-flow"):
        for kind, mark in (("csv", b""), ("xlsx", b"PK"), ("pdf", b"%PDF-")):
            answer = window.get(f"/api/reports/{name}?file={kind}")
            assert answer.status == 200, (name, kind, answer.json)
            assert answer.data.startswith(mark)
    assert window.get("/api/voucher-prints?period=2026-06").json["pages"]


def test_article_32_the_log_tells_who_did_what_and_when(window: Caller, sqlite_book: Book) -> None:
    give_owner_login(window)
    owner = caller_on(sqlite_book, serve=True).log_in("boss", "owner-secret-1")
    role = add_role(owner, "记账员", ["ledger:voucher:add", "ledger:voucher:view"])
    person = add_person(owner, "li", [role])
    clerk = caller_on(sqlite_book, serve=True).log_in("li", "li-secret")
    made = add(clerk)
    by_person = owner.get(f"/api/audit?user_id={person['id']}&action=ledger:voucher:add").json["entries"]
    assert [row["object_id"] for row in by_person] == [str(made["id"])]
    assert by_person[0]["after"]["debit_total"] == "100.00"
    since = by_person[0]["at"]
    assert owner.get(f"/api/audit?from_ms={since}&object_type=voucher").json["entries"]
    assert owner.get(f"/api/audit?from_ms={since + 1}&object_type=voucher").json["entries"] == []
    assert clerk.get("/api/audit").status == 403


def test_article_33_secrets_are_neither_stored_nor_shown(window: Caller, sqlite_book: Book) -> None:
    give_owner_login(window, password="very-secret-password")
    path = sqlite_book.address.path
    assert path is not None
    assert b"very-secret-password" not in path.read_bytes()
    assert b"very-secret-password" not in Path(f"{path}-wal").read_bytes()
    owner = caller_on(sqlite_book, serve=True).log_in("boss", "very-secret-password")
    assert "very-secret-password" not in owner.get("/api/audit").data.decode()


def test_article_34_nobody_does_what_he_has_no_right_to(window: Caller, sqlite_book: Book) -> None:
    give_owner_login(window)
    owner = caller_on(sqlite_book, serve=True).log_in("boss", "owner-secret-1")
    add_person(owner, "nobody")
    nobody = caller_on(sqlite_book, serve=True).log_in("nobody", "nobody-secret")
    for method, path in (
        ("GET", "/api/vouchers"),
        ("GET", "/api/reports/trial-balance"),
        ("GET", "/api/reports/balance-sheet"),
        ("POST", "/api/periods/2026-06/close"),
        ("POST", "/api/voucher-prints"),
    ):
        assert nobody.call(method, path, None if method == "GET" else {}).status in {400, 403}, path


def test_article_41_exporting_needs_no_licence_and_is_whole(window: Caller) -> None:
    posted = post(window)
    started = window.post("/api/exports", {"format": "csv-book"}).json
    while started["state"] in {"waiting", "running"}:
        started = window.get(f"/api/jobs/{started['id']}").json
    assert started["state"] == "done"
    import zipfile

    with zipfile.ZipFile(io.BytesIO(window.get(f"/api/jobs/{started['id']}/file").data)) as archive:
        assert posted["entries"][0]["summary"] in archive.read("vouchers.csv").decode("utf-8")
        assert {"accounts.csv", "opening.csv", "vouchers.csv"} <= set(archive.namelist())


def test_no_two_people_have_one_name_to_log_in_with(window: Caller, sqlite_book: Book) -> None:
    """Art. 21(3) read with the basic norms: an operator's name in the books stays his."""
    give_owner_login(window)
    owner = caller_on(sqlite_book, serve=True).log_in("boss", "owner-secret-1")
    add_person(owner, "li")
    body = {"name": "李", "age": None, "login_name": "LI", "password": "other-secret-1"}
    assert owner.post("/api/users", body).status == 409


def test_basic_norms_51_correction_is_red_and_then_blue(window: Caller) -> None:
    """《会计基础工作规范》 art. 51(5): the red copy says which voucher it cancels, on the same sides, negative."""
    posted = post(window)
    red = window.post(f"/api/vouchers/{posted['id']}/reverse", {"date": "2026-06-20", "post": True})
    assert red.status in {200, 201}, red.json
    assert [line["summary"] for line in red.json["entries"]] == ["注销6月5日记字1号凭证"] * 2
    assert [(line["debit"], line["credit"]) for line in red.json["entries"]] == [
        ("-100.00", "0.00"),
        ("0.00", "-100.00"),
    ]
    blue = post(window, correction_of=posted["id"], lines=entries("110", "订正6月5日记字1号凭证"))
    assert blue["correction_of"] == posted["id"]
    row = next(r for r in window.get("/api/reports/trial-balance").json["rows"] if r["code"] == "1002")
    assert (row["period_debit"], row["closing_debit"]) == ("110.00", "110.00")


def test_article_5_every_change_stands_in_the_log(window: Caller) -> None:
    post(window)
    kinds = {row["action"] for row in window.get("/api/audit?limit=200").json["entries"]}
    assert {"ledger:voucher:add", "ledger:voucher:review", "ledger:voucher:post"} <= kinds


# --- methods and automatic review ------------------------------------------------------------------------------------


def took_in(window: Caller, item_id: int, *, date: str = "2026-06-05") -> Any:
    """Take goods into stock and return the finished document."""
    lines = [{"item_id": item_id, "quantity": "10", "amount": "100"}]
    draft = window.post("/api/stock-documents", {"kind": "other_in", "date": date, "lines": lines}).json
    answer = window.post(f"/api/stock-documents/{draft['id']}/finish", {})
    assert answer.status == 200, answer.json
    return answer.json


def test_article_20_the_permitted_costing_methods_and_a_change_stands_in_the_log(window: Caller) -> None:
    item = window.post("/api/items", {"code": "A1", "name": "螺丝", "unit": "个", "tracks_lots": True}).json
    path = f"/api/items/{item['id']}"
    for costing in ("monthly", "fifo", "lot", "moving"):
        answer = window.patch(path, {"costing": costing, "version": item["version"]})
        assert answer.status == 200, answer.json
        item = answer.json
        assert item["costing"] == costing
    rows = window.get("/api/audit?object_type=item").json["entries"]
    changes = [(row["before"]["costing"], row["after"]["costing"]) for row in rows if row["before"]]
    assert changes == [("lot", "moving"), ("fifo", "lot"), ("monthly", "fifo"), ("moving", "monthly")]


def test_article_21_1_what_is_reviewed_by_rule_can_be_looked_up_changed_and_switched_off(window: Caller) -> None:
    item = window.post("/api/items", {"code": "A1", "name": "螺丝", "unit": "个"}).json
    rules = {rule["purpose"]: rule for rule in window.get("/api/posting-rules").json["rules"]}
    assert rules["stock"]["account_code"] == "1405"
    assert all(rule["used_by"] for rule in rules.values())
    window.put("/api/posting-rules", {"purpose": "stock", "account_code": "1403"})
    by_rule = took_in(window, item["id"])["vouchers"][0]
    assert by_rule["state"] == "posted"
    voucher = window.get(f"/api/vouchers/{by_rule['voucher_id']}").json
    assert voucher["entries"][0]["account_code"] == "1403"
    assert window.get(f"/api/vouchers/{voucher['id']}/document").json["kind"] == "other_in"
    assert window.patch("/api/stock-settings", {"post_vouchers": False, "version": 1}).status == 200
    assert took_in(window, item["id"])["vouchers"][0]["state"] == "draft"
    changed = {row["object_type"] for row in window.get("/api/audit?limit=200").json["entries"]}
    assert {"posting_rule", "stock_settings"} <= changed
