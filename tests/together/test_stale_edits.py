"""Whatever is changed from an old state is refused the same way: who was faster, when, and the whole thing as it is."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.identity import audit
from app.storage.database import Book
from tests.calling import Answer, Caller, caller_on, set_up
from tests.mariadb import MariaDBServer

Body = dict[str, Any]
WAIT_S = 30


@pytest.fixture
def window(sqlite_book: Book) -> Caller:
    """The window of a fresh book in a file."""
    set_up(sqlite_book)
    return caller_on(sqlite_book)


def made(answer: Answer) -> Any:
    assert answer.status in {200, 201}, answer.json
    return answer.json


@dataclass(frozen=True)
class Edits:
    """Two changes of one version of a thing."""

    first: Callable[[Caller], Answer]
    second: Callable[[Caller], Answer]


def two(method: str, path: str, first: Body, second: Body) -> Edits:
    """Return two changes of the same address."""
    return Edits(lambda window: window.call(method, path, first), lambda window: window.call(method, path, second))


def patched(path: str, make: Body, change: Body, again: Body) -> Callable[[Caller], Edits]:
    """Make a thing, to be changed, and changed again as if it had not been changed."""

    def begin(window: Caller) -> Edits:
        thing = made(window.post(path, make))
        thing = thing.get("user", thing)
        based = {"version": thing["version"]}
        return two("PATCH", f"{path}/{thing['id']}", change | based, again | based)

    return begin


def put_again(path: str, make: Body) -> Callable[[Caller], Edits]:
    """The same for things that are replaced."""

    def begin(window: Caller) -> Edits:
        if "contact_id" in make:
            make["contact_id"] = made(window.post("/api/contacts", {"name": f"{path}公司", "roles": ["customer"]}))[
                "id"
            ]
        if "lines" in make and "item_id" in make["lines"][0]:
            item = {"code": "A9", "name": "苹果", "unit": "个"}
            make["lines"][0]["item_id"] = made(window.post("/api/items", item))["id"]
        thing = made(window.post(path, make))
        change = {name: value for name, value in make.items() if name != "request_id"} | {"version": thing["version"]}
        return two("PUT", f"{path}/{thing['id']}", change, change)

    return begin


def setting(method: str, path: str, first: Body, second: Body) -> Callable[[Caller], Edits]:
    """The same for settings of the book."""

    def begin(window: Caller) -> Edits:
        before = window.get(path).json
        based = ({} if method == "PATCH" else before) | {"version": before["version"]}
        return two(method, path, based | first, based | second)

    return begin


def definition(window: Caller) -> Edits:
    path = "/api/statement-definitions/income-statement"
    found = window.get(path).json
    typed = {name: found[name] for name in ("title_zh", "title_en", "form", "layout", "rows", "checks", "version")}
    return two("PUT", path, typed, typed)


def presentation(window: Caller) -> Edits:
    based = {"version": window.get("/api/statements").json["settings_version"]}
    first, second = {"vat_presentation": "reclass_2016"}, {"vat_presentation": "text_2011"}
    return two("PUT", "/api/statement-settings", first | based, second | based)


def posting_rule(window: Caller) -> Edits:
    wish = {"purpose": "stock"}
    known = next(one for one in window.get("/api/posting-rules").json["rules"] if one["purpose"] == "stock")
    wish |= {"version": known["version"]}
    return two("PUT", "/api/posting-rules", wish | {"account_code": "1405"}, wish | {"account_code": "1411"})


def opening(window: Caller) -> Edits:
    def rows(amount: str) -> list[Body]:
        sides = [("1002", "opening_debit"), ("3001", "opening_credit")]
        return [{"account_code": code, side: amount} for code, side in sides]

    based = {"version": window.get("/api/opening").json["version"]}
    return two("PUT", "/api/opening", {"rows": rows("5")} | based, {"rows": rows("7")} | based)


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

STALE: dict[str, Callable[[Caller], Edits]] = {
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
    "posting rule": posting_rule,
    "closing step": lambda _window: two(
        "POST", "/api/closing/2026-06/vat/skip", {"reason": "甲", "version": 0}, {"reason": "乙", "version": 0}
    ),
    "opening": opening,
}


def test_a_stale_edit_tells_who_when_and_what_stands_there(window: Caller) -> None:
    for thing, begin in STALE.items():
        edits = begin(window)
        made(edits.first(window))
        refused = edits.second(window)
        assert (refused.status, refused.code) == (409, "stale_version"), (thing, refused.json)
        details = refused.json["details"]
        assert details["changed_by"] == "掌柜", thing
        assert details["changed_at"] > 1_700_000_000_000, thing
        assert details["current"]["version"] == details["version"], thing
        assert "已被掌柜修改" in refused.json["error"], thing


DELETED: dict[str, tuple[str, Body, Body]] = {
    "role": ("/api/roles", {"name": "甲", "permissions": []}, NAME),
    "department": ("/api/departments", {"name": "甲"}, NAME),
    "template": ("/api/voucher-templates", {"name": "甲", "entries": [{"account_code": "560201"}]}, {}),
}


def test_what_was_changed_meanwhile_is_not_deleted_unseen(window: Caller) -> None:
    for thing, (path, make, change) in DELETED.items():
        kept = made(window.post(path, make))
        place = f"{path}/{kept['id']}"
        method = "PATCH" if change else "PUT"
        now = made(window.call(method, place, (change or make) | {"version": kept["version"]}))
        refused = window.delete(f"{place}?version={kept['version']}")
        assert (refused.status, refused.code) == (409, "stale_version"), (thing, refused.json)
        assert refused.json["details"]["current"]["version"] == now["version"], thing
        assert window.delete(f"{place}?version={now['version']}").status in {200, 204}, thing


Meet = Callable[[Callable[[Caller], Edits]], tuple[Answer, Answer]]


class Sending:
    """A change that is under way in a thread of its own."""

    def __init__(self, change: Callable[[Caller], Answer], caller: Caller, name: str) -> None:
        self._answers: list[Answer] = []
        self.thread = threading.Thread(target=lambda: self._answers.append(change(caller)), name=name)
        self.thread.start()

    def answer(self) -> Answer:
        """Wait for the answer."""
        self.thread.join(WAIT_S)
        return self._answers[0]


class FirstHeld:
    """Keeps the transaction of one thread open after its change is written, until it is told to go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.written, self.go_on = threading.Event(), threading.Event()
        self._name = "first"
        record = audit.record

        def held(*args: Any, **more: Any) -> None:
            record(*args, **more)
            if threading.current_thread().name == self._name:
                self.written.set()
                assert self.go_on.wait(WAIT_S)

        monkeypatch.setattr(audit, "record", held)

    def begin(self, change: Callable[[Caller], Answer], caller: Caller) -> Sending:
        """Let the change begin and wait until it is written, not yet committed."""
        sending = Sending(change, caller, self._name)
        while not self.written.wait(0.01):
            assert sending.thread.is_alive(), sending.answer().json
        return sending


@pytest.fixture
def meet(mariadb_book: Book, mariadb_server: MariaDBServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Meet]:
    """Let two changes of a book on a server meet: the second begins while the first is written and not committed."""
    set_up(mariadb_book)
    one, other = caller_on(mariadb_book), caller_on(mariadb_book)
    with mariadb_server.connect() as connection, connection.cursor() as cursor:

        def is_waiting() -> bool:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")
            row = cursor.fetchone()
            return row is not None and int(row[1]) > 0

        def meet(begin: Callable[[Caller], Edits]) -> tuple[Answer, Answer]:
            edits = begin(one)
            with monkeypatch.context() as patch:
                held = FirstHeld(patch)
                first = held.begin(edits.first, one)
                second = Sending(edits.second, other, "second")
                deadline = time.monotonic() + WAIT_S
                while second.thread.is_alive() and not is_waiting():
                    assert time.monotonic() < deadline
                    time.sleep(0.002)
                held.go_on.set()
                return first.answer(), second.answer()

        yield meet


def test_of_two_changes_at_the_same_moment_one_is_refused(meet: Meet) -> None:
    for thing, begin in STALE.items():
        done, refused = meet(begin)
        assert done.status in {200, 201}, (thing, done.json)
        assert (refused.status, refused.json.get("code")) == (409, "stale_version"), (thing, refused.json)


def test_of_two_owners_who_step_down_at_once_one_stays(meet: Meet) -> None:
    def begin(window: Caller) -> Edits:
        made(
            window.post(
                f"/api/users/{made(window.post('/api/users', NAME | {'age': None}))['user']['id']}/owner",
                {"is_owner": True},
            )
        )
        first, second = (f"/api/users/{one['id']}/owner" for one in window.get("/api/users").json["users"])
        no = {"is_owner": False}
        return Edits(lambda caller: caller.post(first, no), lambda caller: caller.post(second, no))

    done, refused = meet(begin)
    assert (done.status, refused.status, refused.json.get("code")) == (200, 422, "last_owner")


def test_a_document_is_told_with_its_lines(window: Caller) -> None:
    edits = STALE["document"](window)
    made(edits.first(window))
    current = edits.second(window).json["details"]["current"]
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
