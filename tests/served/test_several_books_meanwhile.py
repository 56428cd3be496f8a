"""Further books that come, go and are looked at while something else is under way with them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.kernel.errors import NotFound
from app.storage.address import BookAddress
from app.storage.database import Book
from app.storage.lock import lock_path
from app.web import further_book
from app.web.further_book import FurtherBook
from app.web.opening import StopRegister, open_for_serving
from tests.served.several_books import PATIENCE_S, Server
from tests.waiting import until

A_MOMENT_S = 0.2
"""So long it is seen that something does not come: what is wrong comes at once."""


def opened(server: Server) -> FurtherBook:
    """Return the one further book of a server, open."""
    server.add("shop")
    server.start()
    until(lambda: server.states()["shop"] == "open")
    return server.further._books["shop"]


class Hanging:
    """A step of closing a book that waits until it is told to go on."""

    def __init__(self, entry: FurtherBook) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        entry.lend().on_close(self.hang)
        entry.give_back()

    def hang(self) -> None:
        self.begun.set()
        self.go_on.wait(PATIENCE_S)


def test_a_book_is_not_closed_while_the_list_looks_at_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = opened(server)
    ending = threading.Thread(target=entry.end)
    closed: list[bool] = []
    really = further_book._look_at

    def look_while_it_ends(book: Book, last_name: str) -> further_book._Seen:
        ending.start()
        until(lambda: entry.is_ending)
        closed.append(entry.closed.wait(A_MOMENT_S))
        return really(book, last_name)

    entry._seen = None
    monkeypatch.setattr(further_book, "_look_at", look_while_it_ends)
    assert server.caller().get("/books").status == 200
    ending.join(PATIENCE_S)
    assert (closed, entry.closed.is_set()) == ([False], True)


def test_a_book_whose_file_is_gone_is_no_end_of_the_list(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = opened(server)
    path = server.folder / "shop.zhangfang"
    book = entry.lend()
    entry.give_back()
    really = further_book._look_at

    def look_where_it_was(looked_at: Book, last_name: str) -> further_book._Seen:
        book.database.close_all()  # type: ignore[attr-defined]
        path.rename(path.with_suffix(".away"))
        return really(looked_at, last_name)

    entry._seen = None
    monkeypatch.setattr(further_book, "_look_at", look_where_it_was)
    assert entry.shown().state == "unavailable"


def test_a_book_is_closed_only_when_whoever_began_to_close_it_has_done(server: Server) -> None:
    entry = opened(server)
    hanging = Hanging(entry)
    first, second = threading.Thread(target=entry.end), threading.Thread(target=entry.end)
    first.start()
    assert hanging.begun.wait(PATIENCE_S)
    second.start()
    assert not entry.closed.wait(A_MOMENT_S)
    hanging.go_on.set()
    for thread in (first, second):
        thread.join(PATIENCE_S)
    assert entry.closed.is_set()
    assert not lock_path(server.folder / "shop.zhangfang").exists()


def test_a_book_that_is_still_being_opened_is_not_closed_yet(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_open = threading.Event(), threading.Event()

    def opens_slowly(address: BookAddress, stops: StopRegister) -> Book:
        book = open_for_serving(address, stops)
        begun.set()
        may_open.wait(PATIENCE_S)
        return book

    monkeypatch.setattr(further_book, "open_for_serving", opens_slowly)
    monkeypatch.setattr(further_book, "LAST_REQUESTS_S", 0.01)
    path = server.add("shop")
    server.start()
    assert begun.wait(PATIENCE_S)
    entry = server.further._books["shop"]
    entry.end()
    assert (entry.closed.is_set(), lock_path(path).exists()) == (False, True)
    may_open.set()
    assert entry.closed.wait(PATIENCE_S)
    assert not lock_path(path).exists()


def test_a_book_gets_one_name_when_it_is_taken_off_twice_at_once(server: Server) -> None:
    entry = opened(server)
    hanging = Hanging(entry)
    names = [server.folder / f"shop.{number}.zhangfang" for number in (1, 2)]
    entry.set_aside(names[0])
    with pytest.raises(NotFound) as refused:
        entry.set_aside(names[1])
    assert refused.value.code == "book_unknown"
    hanging.go_on.set()
    until(names[0].exists)
    assert not names[1].exists()


def away_and_back(server: Server) -> Path:
    """Have a book's file leave the folder, which is seen, and come back."""
    path = server.folder / "shop.zhangfang"
    path.rename(server.folder / "shop.away")
    server.further.look(at_once=True)
    (server.folder / "shop.away").rename(path)
    return path


def test_a_book_that_comes_back_waits_until_it_has_left(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    before = opened(server)
    hanging = Hanging(before)
    away_and_back(server)
    assert hanging.begun.wait(PATIENCE_S)
    begun: list[bool] = []

    def opens(address: BookAddress, stops: StopRegister) -> Book:
        begun.append(before.closed.is_set())
        return open_for_serving(address, stops)

    monkeypatch.setattr(further_book, "open_for_serving", opens)
    server.further.look(at_once=True)
    server.further._books["shop"].open_now(A_MOMENT_S)
    assert begun == []
    hanging.go_on.set()
    until(lambda: server.states().get("shop") == "open")
    assert begun == [True]


def test_the_end_of_the_server_waits_for_books_that_are_just_leaving(server: Server) -> None:
    leaving = opened(server)
    hanging = Hanging(leaving)
    away_and_back(server)
    assert hanging.begun.wait(PATIENCE_S)
    closing = threading.Thread(target=server.further.close)
    closing.start()
    closing.join(A_MOMENT_S)
    assert closing.is_alive()
    hanging.go_on.set()
    closing.join(PATIENCE_S)
    assert leaving.closed.is_set()
