"""Others' changes over HTTP: each kind is told, once, to everybody, and by name only to whom it may concern."""

from __future__ import annotations

import ast
import base64
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

import orjson
import pytest

from app.client.api import ApiClient
from app.contract.log_words import KIND_NAMES
from app.contract.together import Changes, PresenceInput, TopicName
from app.identity.change_topics import LEFT_OUT, PURCHASE_KINDS, TOPICS
from app.kernel.errors import MalformedInput
from app.kernel.text import message
from app.orders.kinds import KINDS, PURCHASE
from app.storage.database import Book, execute, execute_many, run_unit
from app.ui.watching import _say
from tests.calling import Answer, Caller, add_person, add_role, caller_on, give_owner_login, set_up
from tests.together.logged_units import watched_units

APP = Path(__file__).parents[2] / "app"
CONSTANT = re.compile(r'^(_?[A-Z_]+) = "([a-z_]+)"$', re.MULTILINE)


@pytest.fixture
def window(book: Book) -> Caller:
    """The window of a fresh book, on each database."""
    set_up(book)
    return caller_on(book)


@pytest.fixture
def local_window(sqlite_book: Book) -> Caller:
    """The window of a fresh book in a file, where the database does not matter."""
    set_up(sqlite_book)
    return caller_on(sqlite_book)


def begin(caller: Caller) -> str:
    answer = caller.get("/api/changes")
    assert (answer.status, answer.json["topics"], answer.json["changes"]) == (200, [], [])
    return str(answer.json["cursor"])


def changes(caller: Caller, cursor: str) -> dict[str, Any]:
    answer = caller.get(f"/api/changes?cursor={cursor}")
    assert answer.status == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def voucher(amount: str = "100.00") -> dict[str, Any]:
    return {
        "date": "2026-06-15",
        "entries": [
            {"summary": "存现金", "account_code": "1002", "debit": amount},
            {"summary": "存现金", "account_code": "1001", "credit": amount},
        ],
    }


def test_a_change_is_told_once_with_who_and_what(window: Caller) -> None:
    window.post("/api/vouchers", voucher())
    cursor = begin(window)
    assert changes(window, cursor)["topics"] == []
    saved = window.post("/api/vouchers", voucher())
    told = changes(window, cursor)
    assert set(told["topics"]) == {"vouchers", "balances"}
    (change,) = told["changes"]
    assert (change["user_name"], change["object_type"], change["object_id"]) == (
        "掌柜",
        "voucher",
        str(saved.json["id"]),
    )
    assert saved.headers["X-Zhangfang-Changes"] == str(change["id"])
    assert changes(window, told["cursor"])["changes"] == []


def test_what_only_a_later_server_knows_stands_for_anything() -> None:
    change = {"id": 1, "at": 1, "user_id": 2, "user_name": "李", "action": "payroll:run:add", "object_type": "payroll"}
    one = {"desk": "d", "user_id": 2, "user_name": "李", "seen_at": 1}
    later = {
        "cursor": "c",
        "topics": ["vouchers", "payroll"],
        "changes": [change | {"object_id": "7", "topics": ["payroll"]}],
        "present": [one | {"editing": [{"kind": kind, "id": 1, "label": ""} for kind in ("payroll", "voucher")]}],
    }
    told = Changes.model_validate_json(json.dumps(later), extra="ignore")
    assert set(told.topics) == set(told.changes[0].topics) == set(get_args(TopicName))
    assert [thing.kind for thing in told.present[0].editing] == ["voucher"]


def test_an_older_server_that_knows_no_such_edit_tells_of_changes_all_the_same() -> None:
    class OlderServer:
        def be_present(self, _presence: PresenceInput) -> None:
            raise MalformedInput("fields_malformed", message("提交的内容有误，请看标出的各项。"))

    _say(cast("ApiClient", OlderServer()), str(uuid.uuid4()), [])


def test_a_refused_change_and_a_login_are_none(served_window: Caller) -> None:
    cursor = begin(served_window)
    served_window.log_in("boss", "owner-secret-1")
    refused = served_window.post("/api/vouchers", {"date": "x", "entries": []})
    assert refused.status == 400
    assert "X-Zhangfang-Changes" not in refused.headers
    told = changes(served_window, cursor)
    assert (told["topics"], told["changes"]) == ([], [])


@pytest.fixture
def served_window(local_window: Caller) -> Caller:
    """The owner's window of a book people log in to."""
    give_owner_login(local_window)
    return local_window.log_in("boss", "owner-secret-1")


WRONG_CURSORS = [
    "x",
    "=",
    "é",
    base64.urlsafe_b64encode(b"[1,2]").decode().rstrip("="),
    base64.urlsafe_b64encode(b'[1,"2",3,[]]').decode().rstrip("="),
    base64.urlsafe_b64encode(b"[1,-2,3,[]]").decode().rstrip("="),
    base64.urlsafe_b64encode(b"[1,9223372036854775808,3,[]]").decode().rstrip("="),
    base64.urlsafe_b64encode(b"[1,5,3,[[1,2,3]]]").decode().rstrip("="),
    base64.urlsafe_b64encode(b"[1,5,3,[5]]").decode().rstrip("="),
    base64.urlsafe_b64encode(b"[1,5,3,[[9,0,1]]]").decode().rstrip("="),
    base64.urlsafe_b64encode(orjson.dumps([1, 99, 3, [[5, 0, 1]] * 61])).decode().rstrip("="),
    base64.urlsafe_b64encode(b'{"1":2}').decode().rstrip("="),
    "A" * 2001,
]


def test_a_cursor_that_is_none_is_refused(local_window: Caller) -> None:
    for cursor in WRONG_CURSORS:
        answer = local_window.call("GET", "/api/changes", query_string={"cursor": cursor})
        assert answer.status == 400, cursor


def test_a_book_that_was_restored_tells_that_anything_may_differ(local_window: Caller, sqlite_book: Book) -> None:
    before = begin(local_window)
    local_window.post("/api/vouchers", voucher())
    after = begin(local_window)
    with sqlite_book.session():
        run_unit(lambda: execute("DELETE FROM {audit_log} WHERE id = (SELECT MAX(id) FROM {audit_log})"))
    told = changes(local_window, after)
    assert set(told["topics"]) == {topic for touched in TOPICS.values() for topic in touched.topics}
    assert told["cursor"] == before
    with sqlite_book.session():
        run_unit(lambda: execute("DELETE FROM {audit_log}"))
    empty = changes(local_window, after)
    assert empty["topics"]
    assert changes(local_window, empty["cursor"])["topics"] == []
    local_window.post("/api/vouchers", voucher())
    assert "vouchers" in changes(local_window, empty["cursor"])["topics"]


def test_a_long_absence_costs_one_answer(local_window: Caller, sqlite_book: Book) -> None:
    local_window.post("/api/vouchers", voucher())
    cursor = begin(local_window)
    add_rows(sqlite_book, 2500)
    told = changes(local_window, cursor)
    assert (len(told["changes"]), told["changes"][-1]["object_id"]) == (200, "2499")
    assert "stock" in told["topics"]  # nobody went through all of them
    assert changes(local_window, told["cursor"])["topics"] == []


def add_rows(book: Book, count: int) -> None:
    """Write rows as the log has them, many at once."""
    insert = (
        "INSERT INTO {audit_log} (at, user_id, user_name, action, object_type, object_id, result) "
        "VALUES (?, 1, '掌柜', 'ledger:voucher:edit', 'voucher', ?, 'done')"
    )
    rows = [(1_790_000_000_000 + number, str(number)) for number in range(count)]
    with book.session():
        run_unit(lambda: execute_many(insert, rows))


# --- who may know what -----------------------------------------------------------------------------------------------


def test_names_are_told_to_those_who_may_view_such_things(served_window: Caller) -> None:
    buyer = add_role(served_window, "采购", ["orders:purchase:view"])
    add_person(served_window, "li", [buyer])
    li = served_window.log_in("li", "li-secret")
    cursor = begin(li)
    contact = served_window.post("/api/contacts", {"name": "甲公司", "roles": ["customer", "supplier"]}).json["id"]
    for kind in ("sales_order", "purchase_order"):
        line = {"description": "纸", "quantity": "1", "unit_price": "1"}
        body = {
            "kind": kind,
            "date": "2026-06-10",
            "contact_id": contact,
            "lines": [line],
            "request_id": str(uuid.uuid4()),
        }
        assert served_window.post("/api/documents", body).status == 201
    told = changes(li, cursor)
    assert {"contacts", "documents"} <= set(told["topics"])
    hidden, sale, purchase = told["changes"][-3:]
    for change in (hidden, sale):
        assert (change["user_id"], change["user_name"], change["action"]) == (None, "", "")
        assert (change["object_type"], change["object_id"]) == ("", "")
        assert change["id"]
        assert change["topics"]
    assert (purchase["user_name"], purchase["object_type"]) == ("掌柜", "document")
    own = changes(served_window, cursor)["changes"]
    assert all(change["object_type"] for change in own)


def test_asking_for_changes_keeps_no_session_alive(served_window: Caller, sqlite_book: Book) -> None:
    def seen() -> int:
        with sqlite_book.session():
            return int(execute("SELECT MAX(last_seen_at) FROM {session}").fetchone()[0])

    with sqlite_book.session():
        run_unit(lambda: execute("UPDATE {session} SET last_seen_at = last_seen_at - 3600000"))
    before = seen()
    desk = str(uuid.uuid4())
    begin(served_window)
    served_window.put("/api/presence", {"desk": desk})
    served_window.post("/api/presence/leave", {"desk": desk})
    assert seen() == before
    served_window.get("/api/vouchers")
    assert seen() > before


# --- every change is in the log, and in the table ---------------------------------------------------------------------


def written_object_types() -> dict[str, str]:
    """Return what every `audit.record(…)` in the program gives as kind of object, with the file that says it."""
    texts = {path: path.read_text(encoding="utf-8") for path in APP.rglob("*.py")}
    constants = {(path, name): value for path, text in texts.items() for name, value in CONSTANT.findall(text)}
    found: dict[str, str] = {}
    for path, text in texts.items():
        if "audit.record" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).startswith("audit.record"):
                continue
            kind = node.args[2]
            if isinstance(kind, ast.Constant):
                found[str(kind.value)] = str(path)
            else:  # a constant of this file, or one that it imports
                name = ast.unparse(kind)
                here = constants.get((path, name))
                values = [here] if here else [value for (_, other), value in constants.items() if other == name]
                found.update(dict.fromkeys(values, str(path)))
    return found


def test_every_kind_of_object_in_the_log_has_its_topics_or_is_left_out() -> None:
    written = written_object_types()
    assert {"voucher", "contact_group", "month_costing"} <= set(written)
    missing = {kind: file for kind, file in written.items() if kind not in TOPICS and kind not in LEFT_OUT}
    assert not missing
    assert not TOPICS.keys() & LEFT_OUT
    assert TOPICS.keys() | LEFT_OUT <= KIND_NAMES.keys(), "what the page of the log has no word for"
    nobody_writes = set(TOPICS) - set(written)
    assert not nobody_writes
    assert {kind.code for kind in KINDS.values() if kind.side == PURCHASE} == PURCHASE_KINDS


class Writer:
    """Carries out one change after another and looks what was told of each."""

    def __init__(self, window: Caller) -> None:
        self.window = window
        self.cursor = begin(window)

    def expect(self, answer: Answer, *topics: str) -> Any:
        """Demand that the change was done, told with these topics, and is known as the request's own."""
        assert answer.status < 300, answer.json
        told = changes(self.window, self.cursor)
        self.cursor = told["cursor"]
        assert set(topics) <= set(told["topics"]), (topics, told)
        assert answer.headers["X-Zhangfang-Changes"]
        return answer.json


@pytest.fixture
def writer(local_window: Caller, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    """Somebody who changes things; every transaction has to leave its row."""
    with watched_units(monkeypatch) as unlogged:
        yield Writer(local_window)
        assert unlogged == []


def entries(debit: str, credit: str, amount: str = "1") -> list[dict[str, str]]:
    return [
        {"summary": "存现金", "account_code": debit, "debit": amount},
        {"summary": "存现金", "account_code": credit, "credit": amount},
    ]


def test_changes_of_the_ledger_are_told(writer: Writer) -> None:
    send, expect = writer.window, writer.expect
    new_account = {"code": "100203", "parent_code": "1002", "name_zh": "农行"}
    account = expect(send.post("/api/accounts", new_account), "accounts")
    expect(
        send.patch(f"/api/accounts/{account['id']}", {"name_zh": "农业银行", "version": account["version"]}), "accounts"
    )
    expect(send.post("/api/auxiliaries", {"kind": "project", "name": "新楼"}), "auxiliaries")
    new_voucher = {"date": "2026-06-15", "entries": entries("100203", "1001")}
    first, second = (expect(send.post("/api/vouchers", new_voucher), "vouchers", "balances") for _ in range(2))
    path, later = (f"/api/vouchers/{one['id']}" for one in (first, second))
    numbers = {"period": "2026-06", "word": "记", "by_date": True}
    expect(send.put(path, new_voucher | {"version": first["version"], "date": "2026-06-16"}), "vouchers")
    expect(send.post("/api/voucher-numbers", numbers), "vouchers", "periods")
    expect(send.post(f"{path}/review", {}), "vouchers")
    expect(send.post(f"{path}/unreview", {}), "vouchers")
    expect(send.delete(path), "vouchers")
    expect(send.post(f"{later}/review", {}), "vouchers")
    expect(send.post(f"{later}/post", {}), "vouchers", "balances")
    expect(send.post(f"{later}/reverse", {"post": True}), "vouchers", "balances")
    template = {"name": "房租", "entries": [{"summary": "租", "account_code": "560201"}]}
    made = expect(send.post("/api/voucher-templates", template), "vouchers")
    expect(send.delete(f"/api/voucher-templates/{made['id']}"), "vouchers")
    expect(send.put("/api/voucher-settings", {"word_rule": "收付转"}), "book")
    opening = [{"account_code": "1001", "opening_debit": "5"}, {"account_code": "3001", "opening_credit": "5"}]
    expect(send.put("/api/opening", {"rows": opening}), "balances", "accounts")
    moved = {"period": "2026-06", "from_line": 1, "to_line": 2, "amount": "1", "reason": "改列"}
    line = expect(send.post("/api/reclassifications", moved), "book")
    expect(send.delete(f"/api/reclassifications/{line['id']}?version={line['version']}"), "book")
    parameters = send.get("/api/closing-parameters").json
    expect(send.put("/api/closing-parameters", parameters), "periods")
    rates = {"rates": [{"currency": "USD", "date": "2026-06-01", "rate": "7.1"}]}
    expect(send.put("/api/exchange-rates", rates), "rates")
    expect(send.delete("/api/exchange-rates/USD/2026-06-01"), "rates")
    expect(send.put("/api/statement-settings", {"vat_presentation": "reclass_2016"}), "book")
    expect(send.post("/api/periods/2026-06/close", {"carry_forward": True}), "periods")
    expect(send.post("/api/periods/2026-06/reopen", {}), "periods")


def test_changes_of_trade_and_stock_are_told(writer: Writer) -> None:
    send, expect = writer.window, writer.expect
    group = expect(send.post("/api/contact-groups", {"name": "老客户"}), "contacts")
    partner = {"name": "甲公司", "roles": ["customer", "supplier"], "group_id": group["id"]}
    first = expect(send.post("/api/contacts", partner), "contacts", "auxiliaries")
    second = expect(send.post("/api/contacts", {"name": "甲公司二", "roles": ["customer"]}), "contacts")
    merge = {"into_id": first["id"], "version": second["version"]}
    expect(send.post(f"/api/contacts/{second['id']}/merge", merge), "contacts")
    expect(send.post("/api/item-categories", {"name": "纸"}), "items")
    item = expect(send.post("/api/items", {"code": "A1", "name": "苹果", "unit": "个"}), "items")
    expect(send.patch(f"/api/items/{item['id']}", {"name": "青苹果", "version": item["version"]}), "items")
    expect(send.post("/api/warehouses", {"name": "东库"}), "items")
    prices = expect(send.post("/api/price-lists", {"name": "批发价"}), "items")
    rows = {"rows": [{"item_id": item["id"], "price": "3"}], "version": prices["version"]}
    expect(send.put(f"/api/price-lists/{prices['id']}/prices", rows), "items")
    expect(send.patch("/api/stock-settings", {"allow_negative": True, "version": 1}), "stock")
    expect(send.put("/api/posting-rules", {"purpose": "stock", "account_code": "1403"}), "stock")
    expect(send.patch("/api/document-print-settings", {"phone": "1", "version": 1}), "book")
    line = {"item_id": item["id"], "quantity": "3", "amount": "100"}
    stock = {"kind": "other_in", "date": "2026-06-05", "lines": [line]}
    draft = expect(send.post("/api/stock-documents", stock), "stock")
    expect(send.post(f"/api/stock-documents/{draft['id']}/finish", {}), "stock", "vouchers", "balances")
    line = {"item_id": item["id"], "quantity": "1", "unit_price": "9"}
    sale = {"kind": "sales_invoice", "date": "2026-06-10", "contact_id": first["id"], "lines": [line]}
    invoice = expect(send.post("/api/documents", sale | {"request_id": str(uuid.uuid4())}), "documents")
    finish = send.post(f"/api/documents/{invoice['id']}/finish", {})
    expect(finish, "documents", "stock", "vouchers", "balances")
    paid = {
        "kind": "collection",
        "date": "2026-06-11",
        "contact_id": first["id"],
        "account_code": "1002",
        "amount": "9",
    }
    payment = expect(send.post("/api/payments", paid), "payments")
    expect(send.post(f"/api/payments/{payment['id']}/finish", {}), "payments", "vouchers")
    used = [{"document_id": payment["id"], "amount": "9"}]
    wish = {"side": "sales", "date": "2026-06-12", "contact_id": first["id"], "payments": used}
    wish["invoices"] = [{"document_id": invoice["id"], "amount": "9"}]
    settled = expect(send.post("/api/settlements", wish), "payments", "documents")
    expect(send.post(f"/api/settlements/{settled['id']}/cancel", {}), "payments", "documents")


def test_changes_of_people_and_assets_are_told(writer: Writer) -> None:
    send, expect = writer.window, writer.expect
    department = expect(send.post("/api/departments", {"name": "财务部"}), "users")
    role = expect(send.post("/api/roles", {"name": "出纳", "permissions": ["ledger:voucher:view"]}), "users")
    person = {"name": "李", "age": None, "department_id": department["id"], "roles": [role["id"]]}
    user = expect(send.post("/api/users", person), "users")["user"]
    expect(send.post(f"/api/users/{user['id']}/status", {"active": False, "version": user["version"]}), "users")
    expect(send.post("/api/tokens", {"name": "程序"}), "users")
    card = {
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
    asset = expect(send.post("/api/assets", card), "assets")
    expect(send.patch(f"/api/assets/{asset['id']}", {"name": "铣床", "version": asset["version"]}), "assets")
    proposal = send.post("/api/closing/2026-06/depreciation/proposal", {"parameters": {}}).json
    body = {"vouchers": proposal["vouchers"], "parameters": {}, "post": True, "fingerprint": proposal["fingerprint"]}
    expect(send.post("/api/closing/2026-06/depreciation", body), "periods", "vouchers", "balances")
