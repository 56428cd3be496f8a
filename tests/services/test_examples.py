"""The calls of the example clients, the whole table, at every door of the program: nothing but an Authorization header.

A desktop's fixed port, `serve`, each service itself, the gateway, nginx before the services and before one server: all
on one book at the same time, which each caller finds as the others left it.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from app.bootstrap import Runtime
from app.settings import Settings
from tests.ports import free_ports, free_row
from tests.services.nginx import nginx_before
from tests.services.processes import Server, call, main, new_book, started
from tests.waiting import until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="nginx and gunicorn are Linux's here")
DOORS = ("desktop", "serve", "services", "gateway", "nginx", "nginx-single")
OWNERS = {"/api/users": "identity", "/users": "identity", "/orders": "orders", "/inventory": "inventory"}


@dataclass
class Doors:
    """Where the program answers, and the token that opens."""

    urls: dict[str, str]
    token: str
    running: Server

    def url(self, door: str, path: str) -> str:
        """Return the address to call: with `services` the one service that owns the path."""
        if door != "services":
            return self.urls[door]
        return self.urls[OWNERS["/" + path.strip("/").split("/")[0] if not path.startswith("/api") else path]]


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The program at all its doors."""
    folder = tmp_path_factory.mktemp("doors")
    book = folder / "book.zhangfang"
    token = new_book(book)
    with ExitStack() as stack:
        names = ("identity", "orders", "inventory", "ledger")
        shelf = str(_shelf(folder / "books", book))
        running = stack.enter_context(started(main("services", book, "--port", free_row(5)), ZHANGFANG_BOOKS=shelf))
        serve = main("serve", book, "--port", "0", "--trusted-proxy", "127.0.0.1")
        served = stack.enter_context(started(serve, ZHANGFANG_BOOKS=shelf))
        urls = {"gateway": running.url, "serve": served.url, **{name: running.url_of(name) for name in names}}
        (port,) = free_ports(1)
        runtime = Runtime(Settings(other_programs=True, other_programs_port=port))
        stack.callback(runtime.close_book)
        runtime.open_book(str(book))
        urls["desktop"] = f"http://127.0.0.1:{port}"
        ports = {5000: running.url, **{5001 + at: urls[name] for at, name in enumerate(names)}}
        numbers = {number: int(url.rpartition(":")[2]) for number, url in ports.items()}
        urls["nginx"] = stack.enter_context(nginx_before(_made(folder / "n"), "zhangfang.conf", numbers))
        single = {5000: int(served.url.rpartition(":")[2])}
        urls["nginx-single"] = stack.enter_context(nginx_before(_made(folder / "s"), "zhangfang-single.conf", single))
        _stock(served.url, token)
        yield Doors(urls, token, running)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _shelf(folder: Path, book: Path) -> Path:
    """Return a folder of further books with one book."""
    shutil.copyfile(book, _made(folder) / "shop.zhangfang")
    return folder


def _stock(url: str, token: str) -> None:
    item = call(url, "POST", "/api/items", {"code": "A1", "name": "苹果", "unit": "个"}, token=token)
    assert item.status == 201, item.body
    lines = [{"item_id": item.json["id"], "quantity": "1000", "amount": "5000"}]
    typed = {"kind": "other_in", "date": "2026-06-05", "lines": lines}
    draft = call(url, "POST", "/api/stock-documents", typed, token=token)
    assert draft.status == 201, draft.body
    done = call(url, "POST", f"/api/stock-documents/{draft.json['id']}/finish", {}, token=token)
    assert done.status == 200, done.body


@pytest.mark.parametrize("door", DOORS)
def test_the_whole_table(doors: Doors, door: str) -> None:
    def ask(method: str, path: str, body: object = None) -> tuple[int, object]:
        answer = call(
            doors.url(door, path.partition("/A1")[0].partition("/%")[0]), method, path, body, token=doors.token
        )
        return answer.status, answer.json

    status, made = ask("POST", "/api/users", {"name": f"张三 {door}", "age": 30})
    assert isinstance(made, dict)
    assert (status, made["message"]) == (201, "用户已添加")
    assert (made["user"]["name"], made["user"]["age"]) == (f"张三 {door}", 30)
    for missing in ({"name": "x"}, {"age": 3}, {}):
        status, refused = ask("POST", "/api/users", missing)
        assert isinstance(refused, dict)
        assert (status, refused["error"]) == (400, "缺少必要的字段")
    status, listed = ask("GET", "/api/users")
    assert isinstance(listed, dict)
    assert status == 200
    assert {"id": made["user"]["id"], "name": f"张三 {door}", "age": 30}.items() <= listed["users"][-1].items()

    created = ask("POST", "/users", {"name": f"John {door}", "email": "john@example.com"})
    assert created == (201, {"message": "User created successfully"})
    status, people = ask("GET", "/users")
    assert isinstance(people, list)
    assert (status, people[-1]["name"], people[-1]["email"]) == (200, f"John {door}", "john@example.com")

    ordered = ask("POST", "/orders", {"user_id": people[-1]["id"], "item": "A1"})
    assert ordered == (201, {"message": "Order created successfully"})
    status, orders = ask("GET", "/orders")
    assert isinstance(orders, list)
    assert (status, orders[-1]["user_id"], orders[-1]["item"]) == (200, people[-1]["id"], "A1")

    status, before = ask("GET", "/inventory")
    assert isinstance(before, list)
    assert status == 200
    status, taken = ask("POST", "/inventory/A1", {"quantity": 3})
    assert isinstance(taken, dict)
    assert (status, taken["message"]) == (200, "Inventory updated for A1")
    status, after = ask("GET", "/inventory")
    assert isinstance(after, list)
    assert int(after[0]["quantity"]) == int(before[0]["quantity"]) - 3
    assert ask("POST", "/inventory/" + quote("梨"), {"quantity": 1})[0] == 404
    assert ask("POST", "/inventory/A1", {"quantity": 100_000})[0] == 422


@pytest.mark.parametrize("door", DOORS)
def test_nobody_comes_in_without_a_token(doors: Doors, door: str) -> None:
    for path in OWNERS:
        assert call(doors.url(door, path), "GET", path).status == 401
        assert call(doors.url(door, path), "GET", path, token="zf_wrong").status == 401


@pytest.mark.parametrize("door", [door for door in DOORS if door != "desktop"])
def test_a_book_is_reached_by_its_prefix_as_it_stands_only(doors: Doors, door: str) -> None:
    url = doors.urls["identity" if door == "services" else door]
    until(lambda: call(url, "GET", "/books/shop/api/health").status == 200)
    for path in ("/books/shop%2Fapi/health", "/books%2Fshop/api/health", "/books/sh%6Fp/api/health"):
        refused = call(url, "GET", path)
        assert (refused.status, refused.json["code"]) == (404, "book_unknown"), path


def test_nginx_names_who_is_away_and_lets_the_others_go_on(tmp_path: Path, doors: Doors) -> None:
    numbers = {
        5001: int(doors.urls["identity"].rpartition(":")[2]),
        5000: int(doors.urls["gateway"].rpartition(":")[2]),
    }
    with nginx_before(tmp_path, "zhangfang.conf", numbers) as url:
        away = call(url, "POST", "/orders", {"user_id": 1, "item": "A1"}, token=doors.token)
        assert (away.status, away.json["code"], away.headers["Retry-After"]) == (503, "service_away", "5")
        assert call(url, "GET", "/api/users", token=doors.token).status == 200
        assert call(url, "GET", "/api/health").status == 200
        described = call(url, "GET", "/api/openapi.json")
        assert "/api/vouchers" in described.json["paths"]
        large = call(url, "POST", "/api/users", {"name": "x" * 9_500_000, "age": 1}, token=doors.token)
        assert (large.status, large.json["code"]) == (413, "body_too_large")


def test_a_caller_cannot_say_where_he_is(doors: Doors) -> None:
    lies = {"X-Forwarded-For": "203.0.113.9", "X-Request-Id": "chosen-by-a-stranger", "Forwarded": "for=203.0.113.9"}
    names = []
    for door in ("gateway", "nginx"):
        answer = call(doors.urls[door], "GET", "/orders", token=doors.token, headers=lies)
        assert answer.status == 200
        names.append(answer.headers["X-Request-Id"])
    assert "chosen-by-a-stranger" not in names
    until(lambda: all(name in doors.running.log for name in names))
    assert "203.0.113.9" not in doors.running.log
