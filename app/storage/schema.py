"""The steps a migration is made of: each is written once for both databases and may be applied twice without harm.

Publish these to the migrations of every slice through `app.storage.migrate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.storage.database import Book, execute, execute_many, fetch_all, fetch_one

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
TEXT_TOKEN = re.compile(r"\{text:(\d+)\}")
TABLE_TOKEN = re.compile(r"\{table:([a-z0-9_]+)\}")
MYSQL_TABLE_SUFFIX = " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"

RESERVED = frozenset(
    (
        *("condition", "cube", "div", "empty", "except", "function", "group", "grouping", "groups", "interval", "key"),
        *("keys", "lag", "lead", "leave", "limit", "loop", "mod", "of", "order", "over", "procedure", "range", "rank"),
        *("read", "recursive", "release", "repeat", "row", "row_number", "rows", "schema", "select", "signal"),
        *("system", "table", "to", "trigger", "unique", "update", "usage", "use", "using", "values", "when", "where"),
        *("window", "write"),
    )
)
"""Column names that SQL of one of the databases would need quoted; refused, so that hand-written SQL works on both."""


class Step(Protocol):
    """One change of the schema. `apply` runs on the current book and is harmless when it has been applied before."""

    @property
    def text(self) -> str:
        """Say in English what the step does, for the log."""

    @property
    def new_table(self) -> str | None:
        """Name the table the step makes, if it makes one."""

    @property
    def filled_table(self) -> str | None:
        """Name the table the step puts rows into, if it does."""

    def apply(self, book: Book) -> None:
        """Make the change where it is missing."""


def create_table(
    name: str, columns: Mapping[str, str], constraints: Sequence[str] = (), *, without_rowid: bool = False
) -> Step:
    """Make a table: STRICT on SQLite, InnoDB with `utf8mb4_bin` on MySQL.

    `columns` maps names to types, in order: `{"id": "{id}", "code": "{text:60} NOT NULL UNIQUE"}`. `constraints` are
    table constraints: `"PRIMARY KEY (period, word)"`, `"CHECK (debit >= 0)"`, `foreign_key("account_id", "account")`.
    `without_rowid` makes SQLite keep the rows in the primary key's order, as InnoDB always does. A text longer than its
    `{text:n}` is refused by both databases. Raises `ValueError` for what would not mean the same on both.
    """
    for column, kind in columns.items():
        _checked_name(column)
        if re.search(r"\bREFERENCES\b", kind, re.IGNORECASE):
            raise ValueError(f"{name}.{column}: MySQL ignores REFERENCES at a column; use foreign_key()")
    return _CreateTable(_checked_name(name), tuple(columns.items()), tuple(constraints), without_rowid)


def create_index(name: str, table: str, columns: Sequence[str], *, unique: bool = False) -> Step:
    """Make an index over columns of a table; `name` is unique over the whole book."""
    return _CreateIndex(_checked_name(name), table, tuple(_checked_name(column) for column in columns), unique)


def add_column(table: str, column: str, kind: str) -> Step:
    """Add a column to a table that has rows: `kind` allows NULL or has a DEFAULT."""
    return _AddColumn(table, _checked_name(column), kind)


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Step:
    """Insert rows whose key is not there yet; rows that are there stay as they are."""
    return _InsertRows(table, tuple(_checked_name(column) for column in columns), tuple(tuple(row) for row in rows))


def foreign_key(columns: str | Sequence[str], table: str, target: str | Sequence[str] = "id") -> str:
    """Return a constraint: rows another table refers to can be neither deleted nor renumbered."""
    here = [columns] if isinstance(columns, str) else list(columns)
    there = [target] if isinstance(target, str) else list(target)
    return (
        f"FOREIGN KEY ({', '.join(here)}) REFERENCES {{table:{table}}} ({', '.join(there)}) "
        "ON DELETE RESTRICT ON UPDATE RESTRICT"
    )


@dataclass(frozen=True, slots=True)
class _CreateTable:
    name: str
    columns: tuple[tuple[str, str], ...]
    constraints: tuple[str, ...]
    without_rowid: bool

    @property
    def text(self) -> str:
        return f"create table {self.name}"

    @property
    def new_table(self) -> str | None:
        return self.name

    @property
    def filled_table(self) -> str | None:
        return None

    def apply(self, book: Book) -> None:
        lines = [f"{_quoted(book, column)} {_column_type(book, column, kind)}" for column, kind in self.columns]
        lines += [_tables_filled(book, constraint) for constraint in self.constraints]
        suffix = MYSQL_TABLE_SUFFIX
        if book.is_sqlite:
            suffix = " STRICT, WITHOUT ROWID" if self.without_rowid else " STRICT"
        body = ",\n  ".join(lines)
        _run(f"CREATE TABLE IF NOT EXISTS {book.table(self.name)} (\n  {body}\n){suffix}")


@dataclass(frozen=True, slots=True)
class _CreateIndex:
    name: str
    table: str
    columns: tuple[str, ...]
    unique: bool

    @property
    def text(self) -> str:
        return f"create index {self.name}"

    @property
    def new_table(self) -> str | None:
        return None

    @property
    def filled_table(self) -> str | None:
        return None

    def apply(self, book: Book) -> None:
        if _has_index(book, self.table, self.name):
            return
        columns = ", ".join(_quoted(book, column) for column in self.columns)
        unique = "UNIQUE " if self.unique else ""
        _run(f"CREATE {unique}INDEX {_quoted(book, self.name)} ON {book.table(self.table)} ({columns})")


@dataclass(frozen=True, slots=True)
class _AddColumn:
    table: str
    column: str
    kind: str

    @property
    def text(self) -> str:
        return f"add column {self.table}.{self.column}"

    @property
    def new_table(self) -> str | None:
        return None

    @property
    def filled_table(self) -> str | None:
        return None

    def apply(self, book: Book) -> None:
        if self.column in column_names(book, self.table):
            return
        kind = _column_type(book, self.column, self.kind)
        _run(f"ALTER TABLE {book.table(self.table)} ADD COLUMN {_quoted(book, self.column)} {kind}")


@dataclass(frozen=True, slots=True)
class _InsertRows:
    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def text(self) -> str:
        return f"insert rows into {self.table}"

    @property
    def new_table(self) -> str | None:
        return None

    @property
    def filled_table(self) -> str | None:
        return self.table

    def apply(self, book: Book) -> None:
        first = self.columns[0]
        # INSERT IGNORE would also hide broken constraints; these two skip rows with a known key only
        skip = "ON CONFLICT DO NOTHING" if book.is_sqlite else f"ON DUPLICATE KEY UPDATE {first} = {first}"
        places = ", ".join("?" * len(self.columns))
        columns = ", ".join(self.columns)
        execute_many(f"INSERT INTO {{{self.table}}} ({columns}) VALUES ({places}) {skip}", self.rows)


def table_exists(book: Book, table: str) -> bool:
    """Tell whether a table is there in its slice's schema. Needs a session of the book."""
    if book.is_sqlite:
        return fetch_one("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)) is not None
    return (
        fetch_one(
            "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            (book.schema_of_table(table), table),
        )
        is not None
    )


def column_names(book: Book, table: str) -> list[str]:
    """Return a table's columns in their order; none when the table is missing."""
    if book.is_sqlite:
        return [row[0] for row in fetch_all("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,))]
    rows = fetch_all(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ? "
        "ORDER BY ordinal_position",
        (book.schema_of_table(table), table),
    )
    return [row[0] for row in rows]


def _has_index(book: Book, table: str, name: str) -> bool:
    if book.is_sqlite:
        return fetch_one("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", (name,)) is not None
    found = fetch_one(
        "SELECT 1 FROM information_schema.statistics "
        "WHERE table_schema = ? AND table_name = ? AND index_name = ? LIMIT 1",
        (book.schema_of_table(table), table, name),
    )
    return found is not None


def _checked_name(name: str) -> str:
    if not NAME.match(name) or name in RESERVED:
        raise ValueError(f"{name!r} is no name both databases take unquoted")
    return name


def _quoted(book: Book, name: str) -> str:
    return f'"{name}"' if book.is_sqlite else f"`{name}`"


def _column_type(book: Book, column: str, kind: str) -> str:
    if book.is_sqlite:
        limit = f'TEXT CHECK (length("{column}") <= \\1)'
        tokens = {"{id}": "INTEGER PRIMARY KEY AUTOINCREMENT", "{int}": "INTEGER", "{long}": "TEXT", "{blob}": "BLOB"}
    else:
        limit = "VARCHAR(\\1)"
        tokens = {
            "{id}": "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
            "{int}": "BIGINT",
            "{long}": "LONGTEXT",
            "{blob}": "LONGBLOB",
        }
    text = TEXT_TOKEN.sub(limit, kind)
    for token, meaning in tokens.items():
        text = text.replace(token, meaning)
    return _tables_filled(book, text)


def _tables_filled(book: Book, text: str) -> str:
    filled = TABLE_TOKEN.sub(lambda found: book.table(found.group(1)), text)
    if "{" in filled:
        raise ValueError(f"unknown token in {text!r}")
    return filled


def _run(sql: str) -> None:
    execute(sql.replace("{", "{{").replace("}", "}}"))
