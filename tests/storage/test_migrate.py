"""Migrations: complete, once, never half; and what an interrupted one leaves behind."""

from __future__ import annotations

import importlib
import pkgutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import peewee
import pytest

from app.kernel.errors import Conflict
from app.kernel.text import Message
from app.storage import migrate as migrate_module
from app.storage.book_settings import get_setting, set_setting
from app.storage.database import Book, execute, fetch_all, fetch_one, open_database, run_unit
from app.storage.migrate import (
    Migration,
    Step,
    add_column,
    apply_migrations,
    create_index,
    create_table,
    foreign_key,
    insert_rows,
    known_migrations,
    migrate,
    pending,
)
from app.storage.model import SliceModel
from app.storage.schema import column_names, table_exists
from tests.mariadb import MariaDBServer

ROOT = Path(__file__).parents[2]

LATER = (
    create_table("extra", {"id": "{id}", "name": "{text:20} NOT NULL UNIQUE", "amount": "{int} NOT NULL DEFAULT 0"}),
    insert_rows("extra", ["id", "name"], [(1, "first"), (2, "第二")]),
    create_table(
        "extra_part",
        {"extra_id": "{int} NOT NULL", "line": "{int} NOT NULL", "data": "{blob}", "note": "{long}"},
        ["PRIMARY KEY (extra_id, line)", foreign_key("extra_id", "extra"), "CHECK (line > 0)"],
        without_rowid=True,
    ),
    create_index("extra_by_amount", "extra", ["amount", "name"]),
    add_column("extra", "colour", "{text:10} NOT NULL DEFAULT 'red'"),
    add_column("job", "colour", "{text:10}"),
)


class Stop(Exception):
    """The power goes off."""


class StopStep:
    """A step that fails."""

    text = "stop"
    new_table = None
    filled_table = None

    def apply(self, book: Book) -> None:
        raise Stop


def with_steps(*steps: Step) -> tuple[Migration, ...]:
    """Return the program's migrations and a later one of the storage slice."""
    from app.storage.database import register_table

    for step in steps:
        if step.new_table is not None:
            register_table(step.new_table, "storage")
    number = sum(1 for known in known_migrations() if known.slice == "storage") + 1
    return (*known_migrations(), Migration("storage", number, "later", steps))


def everything(book: Book) -> list[Any]:
    """Return a SQLite book's schema and the rows of a few tables, to compare states."""
    with book.session():
        return [
            fetch_all("SELECT type, name, sql FROM sqlite_master ORDER BY name"),
            fetch_all("SELECT * FROM {schema_migration} ORDER BY slice, number"),
            fetch_all("SELECT * FROM {book_setting}"),
        ]


def test_a_migrated_book_needs_nothing_more(book: Book) -> None:
    assert pending(book) == []
    migrate(book)
    with book.session():
        rows = fetch_all("SELECT slice, number, name, steps_done FROM {schema_migration} ORDER BY slice, number")
    assert rows == sorted((m.slice, m.number, m.name, len(m.steps)) for m in known_migrations())


def test_settings_of_the_book_are_kept(book: Book) -> None:
    with book.session():
        assert get_setting("name", "?") == "?"
        set_setting("name", {"zh": "甲𠮷公司%", "n": 1})
        set_setting("name", {"zh": "甲𠮷公司%", "n": 2})
        assert get_setting("name") == {"zh": "甲𠮷公司%", "n": 2}


def test_a_new_book_tells_how_far_it_is(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int, text: Message) -> None:
        assert str(text)
        seen.append((done, total))

    book = open_database(str(tmp_path / "b.zhangfang"))
    migrate(book, watch)
    book.close()
    total = sum(len(known.steps) for known in known_migrations())
    assert seen == [(done, total) for done in range(total + 1)]


def test_all_kinds_of_steps_do_what_they_say(book: Book) -> None:
    apply_migrations(book, with_steps(*LATER))
    with book.session():
        assert fetch_all("SELECT id, name, amount, colour FROM {extra} ORDER BY id") == [
            (1, "first", 0, "red"),
            (2, "第二", 0, "red"),
        ]
        assert column_names(book, "job")[-1] == "colour"
        run_unit(lambda: execute("INSERT INTO {extra_part} (extra_id, line, data) VALUES (1, 1, ?)", (b"\x00\xff",)))
        assert fetch_one("SELECT data FROM {extra_part}") == (b"\x00\xff",)
        for wrong in (
            "INSERT INTO {extra_part} (extra_id, line) VALUES (9, 1)",
            "INSERT INTO {extra_part} (extra_id, line) VALUES (1, 1)",
            "INSERT INTO {extra_part} (extra_id, line) VALUES (1, 0)",
            "INSERT INTO {extra} (name) VALUES ('first')",
            "INSERT INTO {extra} (name, amount) VALUES ('x', 'no number')",
            "DELETE FROM {extra} WHERE id = 1",
            "UPDATE {extra} SET id = 5 WHERE id = 1",
        ):
            with pytest.raises(peewee.DatabaseError):
                run_unit(lambda sql=wrong: execute(sql))  # type: ignore[misc]


def test_steps_applied_twice_change_nothing(book: Book) -> None:
    apply_migrations(book, with_steps(*LATER))
    with book.session():
        run_unit(lambda: execute("UPDATE {extra} SET amount = 7 WHERE id = 1"))
        for step in LATER:
            run_unit(lambda step=step: step.apply(book))  # type: ignore[misc]
        assert fetch_all("SELECT id, amount FROM {extra} ORDER BY id") == [(1, 7), (2, 0)]


@pytest.mark.parametrize("position", range(len(LATER) + 1))
def test_an_interrupted_migration_leaves_a_file_untouched(sqlite_book: Book, position: int) -> None:
    with sqlite_book.session():
        set_setting("kept", 1)
    before = everything(sqlite_book)
    steps: tuple[Step, ...] = (*LATER[:position], StopStep(), *LATER[position:])
    with pytest.raises(Stop):
        apply_migrations(sqlite_book, with_steps(*steps))
    assert everything(sqlite_book) == before
    assert pending(sqlite_book) == []
    apply_migrations(sqlite_book, with_steps(*LATER))


@pytest.mark.parametrize("position", range(len(LATER) + 1))
def test_an_interrupted_migration_on_a_server_goes_on_where_it_stopped(mariadb_book: Book, position: int) -> None:
    steps: tuple[Step, ...] = (*LATER[:position], StopStep(), *LATER[position:])
    with pytest.raises(Stop):
        apply_migrations(mariadb_book, with_steps(*steps))
    with mariadb_book.session():
        rows = fetch_all("SELECT steps_done, applied_at FROM {schema_migration} WHERE name = 'later'")
    assert rows == [(position, None)]
    whole = with_steps(*LATER)
    apply_migrations(mariadb_book, whole)
    with mariadb_book.session():
        rows = fetch_all("SELECT steps_done, applied_at IS NULL FROM {schema_migration} WHERE name = 'later'")
        assert rows == [(len(LATER), 0)]
        assert fetch_all("SELECT id, colour FROM {extra} ORDER BY id") == [(1, "red"), (2, "red")]


KILLED = """
import os, signal, sys
from app.storage.database import open_database
from app.storage.migrate import Migration, apply_migrations, known_migrations

class Kill:
    text, new_table, filled_table = "kill", None, None
    def apply(self, book):
        os.kill(os.getpid(), signal.SIGKILL)

first, *others = known_migrations()
cut = Migration(first.slice, first.number, first.name, (*first.steps[:4], Kill(), *first.steps[4:]))
apply_migrations(open_database(sys.argv[1], password=os.environ.get("PASSWORD")), (cut, *others))
"""


def kill_in_the_middle(address: str, password: str = "") -> None:
    """Run a migration in a process of its own that dies at its fifth step."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, address],
        cwd=ROOT,
        env={"PASSWORD": password, "PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_process_killed_while_migrating_a_file_leaves_no_tables(tmp_path: Path) -> None:
    path = tmp_path / "b.zhangfang"
    kill_in_the_middle(str(path))
    book = open_database(str(path))
    assert pending(book) == list(known_migrations())
    with book.session():
        assert fetch_all("SELECT name FROM sqlite_master") == []
    migrate(book)
    assert pending(book) == []
    book.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_process_killed_while_migrating_on_a_server_leaves_a_book_that_can_go_on(
    mariadb_server: MariaDBServer, mariadb_database: str
) -> None:
    address = mariadb_server.url(mariadb_database)
    kill_in_the_middle(address, mariadb_server.password)
    book = open_database(address, password=mariadb_server.password)
    assert pending(book) == list(known_migrations())
    with book.session():
        assert fetch_all("SELECT slice, steps_done, applied_at FROM {schema_migration}") == [("storage", 4, None)]
    migrate(book)
    assert pending(book) == []
    book.close()


def test_two_that_migrate_at_once_do_it_once(
    tmp_path: Path, mariadb_server: MariaDBServer, mariadb_database: str
) -> None:
    for address in (str(tmp_path / "b.zhangfang"), mariadb_server.url(mariadb_database)):
        books = [open_database(address, password=mariadb_server.password) for _ in range(2)]
        raised: list[BaseException] = []

        def run(book: Book, raised: list[BaseException] = raised) -> None:
            try:
                migrate(book)
            except BaseException as error:  # noqa: BLE001 - handed to the test
                raised.append(error)

        threads = [threading.Thread(target=run, args=(book,)) for book in books]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert raised == []
        for book in books:
            assert pending(book) == []
            book.close()


def test_a_book_of_a_newer_program_is_refused_with_one_sentence(book: Book) -> None:
    apply_migrations(book, with_steps(*LATER))
    with book.session():
        run_unit(lambda: execute("UPDATE {schema_migration} SET program = '9.8.7' WHERE name = 'later'"))
    for look in (pending, migrate):
        with pytest.raises(Conflict) as refused:
            look(book)
        assert refused.value.code == "book_newer"
        assert "9.8.7" in str(refused.value)


def test_tables_are_strict_and_of_the_right_kind(book: Book) -> None:
    tables = [step.new_table for known in known_migrations() for step in known.steps if step.new_table]
    with book.session():
        for table in tables:
            assert table_exists(book, table)
        if book.is_sqlite:
            rows = fetch_all("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0")
            assert {name for (name,) in rows} <= {"sqlite_schema", "sqlite_sequence"}
        else:
            rows = fetch_all(
                "SELECT table_name, engine, table_collation FROM information_schema.tables WHERE table_schema = ?",
                (book.address.database,),
            )
            assert {row[1:] for row in rows} == {("InnoDB", "utf8mb4_bin")}


def all_models() -> list[type[SliceModel]]:
    """Return the model classes of all slices."""
    for path in sorted((ROOT / "app").rglob("models*")):
        relative = path.relative_to(ROOT).with_suffix("")
        if path.suffix == ".py" or path.is_dir():
            importlib.import_module(".".join(relative.parts))
    found: list[type[SliceModel]] = []
    classes = list(SliceModel.__subclasses__())
    while classes:
        kind = classes.pop()
        classes += kind.__subclasses__()
        if not kind.__subclasses__():  # a slice's own base has no table
            found.append(kind)
    return found


def test_models_and_migrated_tables_agree(book: Book) -> None:
    models = all_models()
    assert len(models) > 4
    with book.session():
        for model in models:
            meta: Any = model._meta
            fields = meta.sorted_fields
            if book.is_sqlite:
                rows = fetch_all('SELECT name, "notnull" = 0, pk FROM pragma_table_info(?)', (meta.table_name,))
                found = {name: bool(null) and not key for name, null, key in rows}
                keys = {name for name, _null, key in rows if key}
            else:
                rows = fetch_all(
                    "SELECT column_name, is_nullable, column_key FROM information_schema.columns "
                    "WHERE table_schema = ? AND table_name = ?",
                    (book.address.database, meta.table_name),
                )
                found = {name: null == "YES" for name, null, _key in rows}
                keys = {name for name, _null, key in rows if key == "PRI"}
            assert found == {field.column_name: field.null for field in fields}, meta.table_name
            primary = meta.primary_key
            names = primary.field_names if isinstance(primary, peewee.CompositeKey) else [primary.name]
            assert keys == {meta.fields[name].column_name for name in names}, meta.table_name


@pytest.mark.parametrize(
    "make",
    [
        lambda: create_table("x", {"a": "{int} REFERENCES {table:job} (id)"}),
        lambda: create_table("x", {"rank": "{int}"}),
        lambda: create_table("x; DROP", {"a": "{int}"}),
        lambda: create_table("x", {"A": "{int}"}),
        lambda: create_index("i", "job", ["kind desc"]),
        lambda: add_column("job", "order", "{int}"),
    ],
)
def test_what_would_not_mean_the_same_on_both_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match=r"name|REFERENCES"):
        make()


def test_an_unknown_token_is_refused(sqlite_book: Book) -> None:
    with pytest.raises(ValueError, match="token"):
        apply_migrations(sqlite_book, with_steps(create_table("odd", {"a": "{money}"})))


def test_a_gap_in_the_numbers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = [SimpleNamespace(name="m0001_a"), SimpleNamespace(name="m0003_c")]
    monkeypatch.setattr(pkgutil, "iter_modules", lambda _path: iter(modules))
    monkeypatch.setattr(migrate_module, "SLICES", ("storage",))
    monkeypatch.setattr(importlib, "import_module", lambda name: SimpleNamespace(__path__=[], __name__=name, STEPS=()))
    with pytest.raises(ValueError, match="m0002"):
        migrate_module.carried_migrations.__wrapped__()
