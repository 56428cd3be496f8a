"""Several books, and one book of several processes: real `serve` and gunicorn, as people run them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

import pytest

from app.storage.database import Book
from app.storage.lock import lock_path
from tests.calling import OWNER_PASSWORD, caller_on, give_owner_login, set_up
from tests.mariadb import MariaDBServer
from tests.served.several_books import PATIENCE_S, Server
from tests.waiting import until

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
BOTH = ["", "new", "shop"]
SEEN_S = 2.0
"""Within this a change made through one process is seen through another."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="gunicorn and SIGTERM are not of Windows")


@dataclass(frozen=True)
class Person:
    """Somebody at a server: each call goes over a connection of its own."""

    url: str
    session: str = ""

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send a call; return status and answer."""
        headers = {"X-Zhangfang-Session": self.session} if self.session else {}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers["Content-Type"] = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as error:
            return error.code, json.loads(error.read())

    def get(self, path: str) -> Any:
        """Read; the call must work."""
        status, answer = self.status_of(path)
        assert status == 200, answer
        return answer

    def status_of(self, path: str) -> tuple[int, Any]:
        """Read, once more as asked for while a book is still being opened; return status and answer."""
        found: list[tuple[int, Any]] = []

        def is_answered() -> bool:
            found.append(self.call("GET", path))
            status, answer = found[-1]
            return status != 503 or answer["code"] != "book_opening"

        until(is_answered)
        return found[-1]

    def change(self, method: str, path: str, body: object) -> Any:
        """Change; the call must work."""
        status, answer = self.call(method, path, body)
        assert status < 300, answer
        return answer

    def log_in(self, name: str, password: str, prefix: str = "") -> Person:
        """Log in."""
        answer = self.change("POST", f"{prefix}/api/login", {"login_name": name, "password": password})
        return replace(self, session=answer["token"])


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[Callable[[], str]]:
    """Run a server; what is yielded waits for its address. At the end it must stop as asked."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    said: list[str] = []

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            said.extend(iter(lines.readline, ""))

    reader = threading.Thread(target=read)
    reader.start()

    def address() -> str:
        until(lambda: bool(ADDRESS.search("".join(said))) or process.poll() is not None)
        found = ADDRESS.search("".join(said))
        assert found, "".join(said)
        return found[0]

    try:
        yield address
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0, "".join(said)
    finally:
        process.kill()
        process.wait()
        reader.join(10)


def seen(look: Callable[[], object], wanted: object) -> None:
    """Look again and again for what was just changed; who looks only when the promised time is over must see it."""
    changed_s = time.monotonic()
    found = look()
    while found != wanted:
        began_s = time.monotonic()
        found = look()
        assert found == wanted or began_s - changed_s < SEEN_S


def serve_command(address: str) -> list[str]:
    return [sys.executable, str(ROOT / "main.py"), "serve", address, "--port", "0"]


def test_every_worker_serves_a_book_that_one_of_them_took_in(pattern: Path, tmp_path: Path) -> None:
    books = Server(pattern, tmp_path)
    shop = books.add("shop", "店")
    command = [sys.executable, "-m", "gunicorn", "--workers", "2", "--threads", "4", "--bind", "127.0.0.1:0"]
    named = {"ZHANGFANG_BOOK": str(books.default_path), "ZHANGFANG_BOOKS": str(books.folder)}
    with running([*command, "app.web.wsgi:application()"], **named) as address:
        anybody = Person(address())
        assert [anybody.get("/books/shop/api/health")["book"] for _ in range(6)] == ["店"] * 6
        owner = anybody.log_in("boss", OWNER_PASSWORD)
        content = pattern.read_bytes()
        upload = {"name": "账", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        upload_id = owner.change("POST", "/api/uploads", upload)["id"]
        owner.change("PUT", f"/api/uploads/{upload_id}/0", content)
        job = owner.change("POST", "/api/books", {"upload_id": upload_id, "slug": "new"})
        until(lambda: owner.get(f"/api/jobs/{job['id']}")["state"] == "done")
        seen(lambda: {anybody.status_of("/books/new/api/health")[0] for _ in range(6)}, {200})
        # also by the worker that was not asked until now
        seen(lambda: [[book["slug"] for book in anybody.get("/books")["books"]] for _ in range(4)], [BOTH] * 4)
        there = anybody.log_in("boss", OWNER_PASSWORD, "/books/new")
        assert {there.status_of("/books/new/api/session")[0] for _ in range(6)} == {200}
        assert {there.call("GET", "/api/session")[0] for _ in range(6)} == {401}
        aside = there.change("DELETE", "/books/new/api/book", None)["file"]
        # also by the worker that was not asked
        seen(lambda: {anybody.call("GET", "/books/new/api/health")[0] for _ in range(6)}, {404})
        until(lambda: sorted(path.name for path in books.folder.glob("new*")) == [aside])
        again = owner.change("POST", "/api/uploads", upload)["id"]
        owner.change("PUT", f"/api/uploads/{again}/0", content)
        job = owner.change("POST", "/api/books", {"upload_id": again, "slug": "new"})
        until(lambda: owner.get(f"/api/jobs/{job['id']}")["state"] == "done")
    for path in (shop, books.default_path, books.folder / "new.zhangfang"):
        assert not lock_path(path).exists()
    assert sorted(path.name for path in books.folder.iterdir()) == ["new.zhangfang", aside, "shop.zhangfang"]


class Both:
    """The same person at two processes of one book."""

    def __init__(self, here: Person, there: Person) -> None:
        self.here = here
        self.there = there

    def seen(self, path: str, pick: Callable[[Any], object], wanted: object) -> None:
        """Wait until the other process tells what was changed, not longer than promised."""
        seen(lambda: pick(self.there.get(path)), wanted)


@pytest.fixture
def both(mariadb_server: MariaDBServer, mariadb_book: Book) -> Iterator[Both]:
    set_up(mariadb_book)
    give_owner_login(caller_on(mariadb_book))
    url = mariadb_server.url(mariadb_book.address.database)
    password = {"ZHANGFANG_DB_PASSWORD": mariadb_server.password}
    with running(serve_command(url), **password) as one, running(serve_command(url), **password) as other:
        owner = Person(one()).log_in("boss", OWNER_PASSWORD)
        yield Both(owner, replace(owner, url=other()))


def test_a_change_through_one_process_is_seen_through_another(both: Both) -> None:
    """Everything that a process could be tempted to remember was read there before it is changed here."""
    here = both.here

    accounts = "/api/accounts"
    before = {account["code"] for account in both.there.get(accounts)["accounts"]}
    assert "100201" not in before
    here.change("POST", accounts, {"code": "100201", "name_zh": "工行", "parent_code": "1002"})
    both.seen(accounts, lambda found: "100201" in {account["code"] for account in found["accounts"]}, True)

    find = f"/api/auxiliaries?kind={quote('客户')}&q={quote('甲')}"
    assert both.there.get(find)["auxiliaries"] == []
    contact = here.change("POST", "/api/contacts", {"name": "甲公司", "roles": ["customer"]})
    names: Callable[[Any], object] = lambda found: [item["name"] for item in found["auxiliaries"]]  # noqa: E731
    both.seen(find, names, ["甲公司"])
    here.change("PATCH", f"/api/contacts/{contact['id']}", {"name": "甲集团", "version": contact["version"]})
    both.seen(find, names, ["甲集团"])

    statement = "/api/statement-definitions/balance-sheet"
    definition = both.there.get(statement)
    typed = {name: definition[name] for name in ("title_en", "form", "layout", "rows", "checks", "version")}
    here.change("PUT", statement, {**typed, "title_zh": "我的资产负债表"})
    both.seen(statement, lambda found: found["title_zh"], "我的资产负债表")

    stock = both.there.get("/api/stock-settings")
    here.change("PATCH", "/api/stock-settings", {"allow_negative": not stock["allow_negative"]})
    both.seen("/api/stock-settings", lambda found: found["allow_negative"], not stock["allow_negative"])

    words = both.there.get("/api/voucher-settings")
    here.change("PUT", "/api/voucher-settings", {**words, "cashier_must_sign": not words["cashier_must_sign"]})
    both.seen("/api/voucher-settings", lambda found: found["cashier_must_sign"], not words["cashier_must_sign"])

    _try_rights(both)


def _try_rights(both: Both) -> None:
    """Rights hold in every process at once, with the next call."""
    here = both.here
    role = here.change("POST", "/api/roles", {"name": "查看科目", "permissions": ["ledger:account:view"]})
    new = {"name": "王", "age": None, "login_name": "wang", "password": "wang-secret", "must_change_password": False}
    user = here.change("POST", "/api/users", {**new, "roles": [role["id"]]})["user"]
    wang = Person(both.there.url).log_in("wang", "wang-secret")
    assert wang.call("GET", "/api/accounts")[0] == 200
    assert wang.call("GET", "/api/contacts")[0] == 403
    role = here.change("PATCH", f"/api/roles/{role['id']}", {"permissions": ["contacts:contact:view"], "version": 1})
    assert wang.call("GET", "/api/accounts")[0] == 403
    assert wang.call("GET", "/api/contacts")[0] == 200
    here.change("POST", f"/api/users/{user['id']}/status", {"active": False})
    assert wang.call("GET", "/api/contacts")[0] == 401
