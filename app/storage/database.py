"""Opening a book by its address, and the unit of work every write runs in.

One `Book` is one open database. Models and SQL helpers act on the *current* book, which `Book.session()` sets for
the thread or request; so one process can hold several books. No other module-level state exists.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import peewee

from app.kernel.errors import ZhangfangError
from app.storage.address import BookAddress, parse_address
from app.storage.engines import BookServer, make_mysql, make_sqlite
from app.storage.faults import RetryableFault, driver_errors, translated_faults
from app.storage.places import refuse_network_drive
from app.storage.turns import Turns

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Companion = TypeVar("Companion")
Row = tuple[Any, ...]

UNIT_ATTEMPTS = 8
UNIT_PATIENCE_S = 30
RENDERED_TEXTS = 2000

_current: ContextVar[Book | None] = ContextVar("current_book", default=None)
_snapshots: ContextVar[tuple[Book, ...]] = ContextVar("books_read_in_a_snapshot", default=())
_unit_guard: ContextVar[Callable[[], object] | None] = ContextVar("asked_first_in_each_unit", default=None)
_memory: ContextVar[tuple[Book, dict[Any, Any]] | None] = ContextVar("read_by_the_unit_under_way", default=None)
_after_commit: ContextVar[list[Callable[[], None]] | None] = ContextVar("to_do_after_the_commit", default=None)
_table_slices: dict[str, str] = {}


class Book:
    """One open book: its address, its pooled database, and where each slice's tables are."""

    def __init__(self, address: BookAddress, database: peewee.Database) -> None:
        """Wrap a database that is configured but need not be connected yet."""
        self.address = address
        self.database = database
        self._rendered: dict[str, str] = {}
        self._companions: dict[Any, Any] = {}
        self._closers: list[Callable[[], None]] = []
        self._is_closing = False
        self._lock = threading.Lock()
        self._closers_lock = threading.Lock()
        self._turns = Turns(self._look)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether the book is a SQLite file."""
        return self.address.kind == "sqlite"

    @contextmanager
    def request_session(self) -> Iterator[Book]:
        """Be a session of a request: it waits for its turn, and for the database server only a bounded time.

        Raises `EnvironmentFault` at once while the server is known not to answer.
        """
        with ExitStack() as stack:
            with translated_faults():
                if isinstance(self.database, BookServer):
                    self.database.pool.require_answering()
                stack.enter_context(self._turns.turn())
            yield stack.enter_context(self.session(for_request=True))

    def _look(self) -> None:
        if isinstance(self.database, BookServer):
            with driver_errors:
                self.database.pool.look()

    @contextmanager
    def session(self, *, for_request: bool = False) -> Iterator[Book]:
        """Make this the current book of the thread, connected; give the connection back afterwards."""
        token = _current.set(self)
        opened = False
        try:
            with translated_faults():
                opened = self._connect(for_request)
            yield self
        finally:
            _current.reset(token)
            if opened and not self.database.is_closed():
                self.database.close()

    def _connect(self, for_request: bool) -> bool:
        if isinstance(self.database, BookServer):
            return self.database.connect(reuse_if_open=True, for_request=for_request)
        return bool(self.database.connect(reuse_if_open=True))

    def schema_of_table(self, name: str) -> str | None:
        """Return the MySQL schema that holds a table, or `None` for SQLite."""
        return self.address.schema_of(_table_slices[name])

    def table(self, name: str) -> str:
        """Return a table's quoted name, with its schema on MySQL."""
        schema = self.schema_of_table(name)
        return f"`{schema}`.`{name}`" if schema else f'"{name}"'

    def render(self, sql: str) -> str:
        """Fill `{table}` places with qualified names and write `?` parameters the driver's way. Cached by text."""
        rendered = self._rendered.get(sql)
        if rendered is None:
            rendered = sql.format_map(_Tables(self))
            if not self.is_sqlite:
                rendered = rendered.replace("%", "%%").replace("?", "%s")
            if len(self._rendered) >= RENDERED_TEXTS:  # texts with lists of their own would pile up
                self._rendered.clear()
            self._rendered[sql] = rendered
        return rendered

    def companion(self, kind: Callable[[Book], Companion]) -> Companion:
        """Return the one object of its kind that works for this book in this process, made at the first call."""
        with self._lock:
            if kind not in self._companions:
                self._companions[kind] = kind(self)
            found: Companion = self._companions[kind]
            return found

    def on_close(self, step: Callable[[], None]) -> None:
        """Run a bounded step before the connections are closed, the last one given first; at once if they are."""
        with self._closers_lock:
            if not self._is_closing:
                self._closers.append(step)
                return
        step()

    def close(self) -> None:
        """Close every connection; on SQLite the write-ahead log is folded into the file first. May be called again."""
        with self._closers_lock:
            self._is_closing = True  # what is begun from here on is ended at once
            steps, self._closers = self._closers[::-1], []
        for step in steps:
            try:
                step()
            except ZhangfangError as fault:  # a file that was taken away, say; its connections are closed all the same
                logger.info("a step before closing was not possible: %s", fault)
        if self.is_sqlite and self.address.path is not None and self.address.path.exists():
            try:
                with self.session():
                    self.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            except (peewee.DatabaseError, ZhangfangError) as fault:
                logger.info("checkpoint at close was not possible: %s", fault)
        pool: Any = self.database
        pool.close_all()


class _Tables(dict[str, str]):
    def __init__(self, book: Book) -> None:
        super().__init__()
        self._book = book

    def __missing__(self, name: str) -> str:
        return self._book.table(name)


class CurrentDatabase(peewee.DatabaseProxy):
    """The database of the current book; every model is declared on this proxy."""

    def __init__(self) -> None:
        """Start unbound; `Book.session()` binds per thread or request."""
        self._callbacks: list[Callable[[Any], Any]] = []

    @property
    def obj(self) -> peewee.Database | None:
        """Return the current book's database, or `None` outside any session."""
        book = _current.get()
        return None if book is None else book.database


current_database = CurrentDatabase()


def register_table(name: str, slice_name: str) -> None:
    """Note which slice a table belongs to. Names are unique over all slices."""
    owner = _table_slices.setdefault(name, slice_name)
    if owner != slice_name:
        raise ValueError(f"table {name} is claimed by {owner} and {slice_name}")


def open_database(
    address: str | BookAddress,
    *,
    password: str | None = None,
    max_connections: int = 20,
    allow_network_drive: bool = False,
) -> Book:
    """Open a book by file path or MySQL URL. Nothing is created, migrated or locked here.

    SQLite runs with WAL, foreign keys, synchronous FULL and a busy timeout; MySQL with a reconnecting pool, strict
    mode, READ COMMITTED and `utf8mb4_bin`. Raises `MalformedInput` for an address that is none, `EnvironmentFault` for
    a file on a network drive; at the first session `NotFound` (`book_missing`), `MalformedInput` (`not_a_book`) and
    `EnvironmentFault`.
    """
    parsed = parse_address(address, password) if isinstance(address, str) else address
    if parsed.path is None:
        return Book(parsed, make_mysql(parsed, max_connections))
    if not allow_network_drive:
        refuse_network_drive(parsed.path)
    return Book(parsed, make_sqlite(parsed, max_connections))


def current_book() -> Book:
    """Return the book of this thread or request. Raises `RuntimeError` outside `Book.session()`: a bug."""
    book = _current.get()
    if book is None:
        raise RuntimeError("no book is open in this context")
    return book


def open_book() -> Book | None:
    """Return the current book, or `None` outside any session."""
    return _current.get()


def execute(sql: str, params: Sequence[Any] = ()) -> Any:
    """Run one statement on the current book; `{table}` and `?` places are filled. Returns the cursor."""
    book = current_book()
    with translated_faults():
        return book.database.execute_sql(book.render(sql), params)


def fetch_all(sql: str, params: Sequence[Any] = ()) -> list[Row]:
    """Return all rows of a query as tuples."""
    with translated_faults():
        return list(execute(sql, params).fetchall())


def fetch_one(sql: str, params: Sequence[Any] = ()) -> Row | None:
    """Return the first row of a query, or `None`."""
    with translated_faults():
        row = execute(sql, params).fetchone()
    return None if row is None else tuple(row)


def insert_returning_id(sql: str, params: Sequence[Any] = ()) -> int:
    """Run an INSERT and return the id the database gave."""
    return int(execute(sql, params).lastrowid)


def execute_many(sql: str, rows: Iterable[Sequence[Any]]) -> None:
    """Run one statement for many rows, the fast way of the driver. Call inside `run_unit`."""
    book = current_book()
    with translated_faults(), driver_errors:
        cursor = book.database.cursor()
        cursor.executemany(book.render(sql), rows if book.is_sqlite else list(rows))
        cursor.close()


def lock_suffix() -> str:
    """Return ` FOR UPDATE` where the database locks rows; SQLite's IMMEDIATE transaction already holds the lock."""
    return "" if current_book().is_sqlite else " FOR UPDATE"


def upsert_add(table: str, keys: Sequence[str], sums: Sequence[str]) -> str:
    """Return an INSERT for `execute`/`execute_many` that adds to the `sums` columns where the key row exists."""
    columns = ", ".join([*keys, *sums])
    places = ", ".join("?" * (len(keys) + len(sums)))
    head = f"INSERT INTO {{{table}}} ({columns}) VALUES ({places})"
    if current_book().is_sqlite:
        added = ", ".join(f"{c} = {c} + excluded.{c}" for c in sums)
        return f"{head} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {added}"
    return f"{head} ON DUPLICATE KEY UPDATE " + ", ".join(f"{c} = {c} + VALUES({c})" for c in sums)


def run_unit(work: Callable[[], Result]) -> Result:
    """Run `work` as one transaction and return its result; an exception rolls everything back.

    `BEGIN IMMEDIATE` on SQLite; READ COMMITTED on MySQL, where a lost lock race runs `work` again, so it may have no
    effect outside the database. Inside another unit it simply joins it. Raises `EnvironmentFault` when the database is
    away or stays busy, `RuntimeError` inside `read_snapshot`: a bug.
    """
    book = current_book()
    if book in _snapshots.get():
        raise RuntimeError("a unit of work inside read_snapshot")
    if book.database.in_transaction():
        return work()
    give_up_at = time.monotonic() + UNIT_PATIENCE_S
    for attempt in range(1, UNIT_ATTEMPTS + 1):
        try:
            result, steps = _run_once(book, work)
        except RetryableFault:
            if attempt == UNIT_ATTEMPTS or time.monotonic() > give_up_at:
                raise
            logger.info("a unit lost a race for a lock and is run again (%d)", attempt)
            # random, so that two that met do not meet again
            time.sleep(random.uniform(0.005, 0.02) * attempt)  # noqa: S311
        else:
            _follow(steps)
            return result
    raise AssertionError("unreachable")


def _run_once(book: Book, work: Callable[[], Result]) -> tuple[Result, list[Callable[[], None]]]:
    steps: list[Callable[[], None]] = []
    token = _after_commit.set(steps)
    try:
        with translated_faults(), _transaction(book), _remembering(book):
            if (guard := _unit_guard.get()) is not None:
                guard()
            result = work()
    finally:
        _after_commit.reset(token)
    return result, steps


def _follow(steps: Iterable[Callable[[], None]]) -> None:
    """Do what was to follow a commit. Its failure is not the unit's: nobody is to believe that nothing was saved."""
    for step in steps:
        try:
            step()
        except ZhangfangError as error:
            logger.warning("what was to follow a commit was not possible: %s", error.logged)


@contextmanager
def _remembering(book: Book) -> Iterator[None]:
    token = _memory.set((book, {}))
    try:
        yield
    finally:
        _memory.reset(token)


def unit_memory() -> dict[Any, Any]:
    """Return what the unit or snapshot under way read and may use again instead of asking once more; it ends with it.

    Only for what stays as it is until then: rows the unit holds locked, and what need not be newer than its beginning.
    Who changes such a thing changes it here too. Outside of any unit this is empty each time.
    """
    kept = _memory.get()
    return kept[1] if kept is not None and kept[0] is current_book() else {}


@contextmanager
def guarded_units(guard: Callable[[], object] | None) -> Iterator[None]:
    """Ask `guard` first in each unit that begins inside, in its own transaction; what it raises undoes the unit.

    `None` lets them run unasked again. Only this thread or request is meant, no job that it starts.
    """
    token = _unit_guard.set(guard)
    try:
        yield
    finally:
        _unit_guard.reset(token)


def after_commit(step: Callable[[], None]) -> None:
    """Do something outside the database once the unit under way is committed; at once when there is none.

    A unit that fails or is run again forgets its steps. What cannot be done then is told to the log: the unit stands.
    """
    steps = _after_commit.get()
    if steps is None:
        step()
    else:
        steps.append(step)


@contextmanager
def read_snapshot() -> Iterator[None]:
    """Run several reads on one state of the book, so that a report agrees with itself. Joins an open unit."""
    book = current_book()
    if book.database.in_transaction():
        yield
        return
    with translated_faults(), _transaction(book, read_only=True), _remembering(book):
        token = _snapshots.set((*_snapshots.get(), book))
        try:
            yield
        finally:
            _snapshots.reset(token)


@contextmanager
def damaged_text_readable() -> Iterator[None]:
    """Read texts of a SQLite file that are no UTF-8 any more, with the value of each wrong byte in its place.

    For checking only: elsewhere a damaged text is the fault `text_damaged`. MySQL keeps its texts valid.
    """
    book = current_book()
    if not book.is_sqlite:
        yield
        return
    connection = book.database.connection()
    connection.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    try:
        yield
    finally:
        connection.text_factory = str


def _transaction(book: Book, *, read_only: bool = False) -> Any:
    if book.is_sqlite:
        return book.database.atomic() if read_only else book.database.atomic("IMMEDIATE")
    # given to BEGIN itself, so that it also holds when BEGIN had to connect anew
    return book.database.atomic(isolation_level="REPEATABLE READ, READ ONLY") if read_only else book.database.atomic()
