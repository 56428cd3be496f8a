"""The connections to a database server: nobody waits for another's network, and a silent server is noticed once."""

from __future__ import annotations

import itertools
import socket
import threading
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest
from playhouse.pool import MaxConnectionsExceeded

from app.kernel.errors import EnvironmentFault
from app.storage import server_connection
from app.storage.database import Book, fetch_all, run_unit
from app.storage.server_pool import (
    IN_TRANSACTION,
    TIMEOUT_VARIABLE,
    USUAL,
    ConnectionPool,
    Patience,
    ServerAway,
    patience_from,
)
from app.storage.turns import Turns

QUICK = Patience(request_s=1.0, look_s=0.2, connect_s=0.5, pool_s=0.1, trusted_s=0.0, away_s=0.05)
AUTOCOMMIT = 2
WAIT_S = 60


@dataclass(eq=False)
class FakeConnection:
    """What the pool uses of a connection of PyMySQL."""

    ping_error: Exception | None = None
    server_status: int | None = AUTOCOMMIT
    open: bool = True
    pings: int = 0
    _read_timeout: float = 0.0
    _write_timeout: float = 0.0
    _sock: Any = None

    def ping(self, reconnect: bool) -> None:
        """Answer, or not."""
        assert not reconnect
        self.pings += 1
        if self.ping_error is not None:
            raise self.ping_error

    def close(self) -> None:
        """Be closed."""
        self.open = False


@dataclass
class FakeServer:
    """Opens connections, or fails to."""

    error: Exception | None = None
    opened: list[FakeConnection] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)

    def open(self, timeout_s: float) -> FakeConnection:
        """Open one."""
        self.asked.append(timeout_s)
        if self.error is not None:
            raise self.error
        self.opened.append(FakeConnection())
        return self.opened[-1]


TIMEOUT = pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query (timed out)")
REFUSED = pymysql.err.OperationalError(2003, "Can't connect to MySQL server on 'x' ([Errno 111] Connection refused)")
LOST = pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")


def test_a_connection_is_used_again_and_asked_for_a_sign_of_life_only_after_a_while() -> None:
    server = FakeServer()
    pool = ConnectionPool(server.open, 2, Patience())
    first = pool.take(for_request=True)
    pool.give_back(first)
    assert pool.take(for_request=True) is first
    assert first.pings == 0
    pool.give_back(first)
    careful = ConnectionPool(server.open, 2, QUICK)
    other = careful.take(for_request=True)
    careful.give_back(other)
    assert careful.take(for_request=True) is other
    assert other.pings == 1


def test_requests_wait_a_short_time_and_long_work_a_long_one() -> None:
    server = FakeServer()
    pool = ConnectionPool(server.open, 2, QUICK)
    for_request, for_work = pool.take(for_request=True), pool.take(for_request=False)
    assert (for_request._read_timeout, for_request._write_timeout) == (QUICK.request_s, QUICK.request_s)
    assert for_work._read_timeout == QUICK.work_s
    assert server.asked == [QUICK.look_s, QUICK.connect_s]


def test_a_connection_that_died_is_replaced_silently() -> None:
    server = FakeServer()
    pool = ConnectionPool(server.open, 2, QUICK)
    dead = pool.take(for_request=True)
    dead.ping_error = LOST
    pool.give_back(dead)
    assert pool.take(for_request=True) is server.opened[1]
    assert not dead.open
    assert not pool.is_away


@pytest.mark.parametrize("status", [AUTOCOMMIT | IN_TRANSACTION, None])
def test_a_connection_with_an_open_transaction_is_not_kept(status: int | None) -> None:
    server = FakeServer()
    pool = ConnectionPool(server.open, 2, QUICK)
    left = pool.take(for_request=True)
    left.server_status = status
    pool.give_back(left)
    assert not left.open
    assert pool.take(for_request=True) is not left


def test_more_than_there_may_be_are_refused_after_a_moment_and_one_given_back_is_had_at_once() -> None:
    pool = ConnectionPool(FakeServer().open, 1, QUICK)
    only = pool.take(for_request=True)
    with pytest.raises(MaxConnectionsExceeded):
        pool.take(for_request=True)
    pool.give_back(only)
    assert pool.take(for_request=True) is only


@pytest.mark.parametrize("error", [TIMEOUT, REFUSED])
def test_a_server_that_does_not_answer_is_not_asked_again_for_a_while_and_then_by_one_only(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("app.storage.server_pool.time", SimpleNamespace(monotonic=lambda: now))
    server = FakeServer(error=error)
    pool = ConnectionPool(server.open, 2, QUICK)
    with pytest.raises(pymysql.err.OperationalError):
        pool.take(for_request=True)
    with pytest.raises(ServerAway):
        pool.require_answering()
    assert len(server.asked) == 1
    now += QUICK.away_s
    pool.require_answering()  # this one may look
    with pytest.raises(ServerAway):
        pool.require_answering()  # and the others still do not
    server.error = None
    pool.take(for_request=True)
    pool.require_answering()
    assert not pool.is_away


def test_one_who_waits_for_a_connection_does_not_make_the_others_wait() -> None:
    hanging, go_on = threading.Event(), threading.Event()
    server = FakeServer()

    def open_slowly(timeout_s: float) -> FakeConnection:
        if not hanging.is_set():
            hanging.set()
            assert go_on.wait(WAIT_S)
        return server.open(timeout_s)

    pool = ConnectionPool(open_slowly, 3, Patience())
    slow = threading.Thread(target=pool.take, kwargs={"for_request": True})
    slow.start()
    assert hanging.wait(WAIT_S)
    pool.give_back(pool.take(for_request=True))
    assert slow.is_alive()  # the first still waits
    go_on.set()
    slow.join(WAIT_S)


def test_closing_ends_idle_connections_and_tells_those_in_use() -> None:
    server = FakeServer()
    pool = ConnectionPool(server.open, 2, QUICK)
    idle, in_use = pool.take(for_request=True), pool.take(for_request=True)
    pool.give_back(idle)

    ours, theirs = socket.socketpair()
    with ours, theirs:
        in_use._sock = ours
        pool.close_all()
        assert not idle.open
        theirs.settimeout(5)
        assert theirs.recv(1) == b""
        assert in_use.open  # its own thread closes it


@pytest.mark.parametrize("text", ["", "soon", "-1", "0", "1.5", "1000000"])
def test_a_time_that_is_none_leaves_the_usual_one(text: str) -> None:
    assert patience_from({TIMEOUT_VARIABLE: text}) == USUAL


def test_the_time_of_a_request_can_be_set() -> None:
    patience = patience_from({TIMEOUT_VARIABLE: "2"})
    assert (patience.request_s, patience.look_s, patience.work_s) == (2, 2, USUAL.work_s)


def test_who_waits_for_a_turn_looks_whether_it_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.storage.turns.LOOK_AFTER_S", 0.01)
    hours = itertools.count()  # between two looks at the clock
    monkeypatch.setattr("app.storage.turns.time", SimpleNamespace(monotonic=lambda: next(hours) * 4.0))
    looks: list[int] = []
    turns = Turns(lambda: looks.append(1), at_once=1)
    with turns.turn():
        with pytest.raises(EnvironmentFault) as fault, turns.turn():
            raise AssertionError("there was no turn")
        assert fault.value.code == "database_busy"
        assert len(looks) == 3  # in ten seconds
    with turns.turn():
        pass


def test_who_looks_at_the_door_and_is_not_answered_is_told_that_the_server_is_away(
    mariadb_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: object, **__: object) -> None:
        raise pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query (timed out)")

    monkeypatch.setattr("app.storage.turns.LOOK_AFTER_S", 0.01)
    monkeypatch.setattr(mariadb_book, "_turns", Turns(mariadb_book._look, at_once=0))
    with monkeypatch.context() as patch:
        patch.setattr(server_connection, "open_connection", hang)
        with pytest.raises(EnvironmentFault) as fault, mariadb_book.request_session():
            raise AssertionError("there was no turn")
    assert fault.value.code == "database_away"


def test_a_request_reads_again_on_a_new_connection_but_does_not_wait_twice(
    mariadb_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise REFUSED

    database = mariadb_book.database
    with mariadb_book.request_session():
        database.connection()._force_close()
        assert database.execute_sql("SELECT 1").fetchone() == (1,)
    with mariadb_book.session(for_request=True):
        database.connection()._read_timeout = 0.2
        monkeypatch.setattr(server_connection, "open_connection", refuse)  # it would be a second wait
        with pytest.raises(Exception, match="timed out"):
            database.execute_sql("SELECT SLEEP(5)")
    with pytest.raises(EnvironmentFault) as fault, mariadb_book.request_session():
        raise AssertionError("the server was away a moment ago")
    assert fault.value.code == "database_away"


def test_who_asks_on_after_the_connection_was_lost_for_good_is_told_so_again(
    mariadb_book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise REFUSED

    with mariadb_book.request_session(), monkeypatch.context() as patch:
        mariadb_book.database.connection()._force_close()
        patch.setattr(server_connection, "open_connection", refuse)
        for _ in range(2):  # the second time there is not even a dead connection: what notes the refusal gets here
            with pytest.raises(EnvironmentFault) as fault:
                run_unit(lambda: fetch_all("SELECT 1"))
            assert fault.value.code == "database_away"
            with pytest.raises(EnvironmentFault) as fault:
                fetch_all("SELECT 1")
            assert fault.value.code == "database_away"
