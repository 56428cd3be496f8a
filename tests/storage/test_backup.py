"""Backup, restore, and copying between databases, with a firm's book in them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import Conflict, EnvironmentFault, MalformedInput, NotFound
from app.kernel.text import Message, message
from app.ledger.service.book import set_up_ledger
from app.ledger.verify import verify_book
from app.storage import backup as backup_module
from app.storage import copying, places
from app.storage import migrate as migrate_module
from app.storage.backup import backup, restore, safety_copy
from app.storage.book_settings import get_setting, set_setting
from app.storage.copying import TableSum, copy, table_names
from app.storage.database import (
    Book,
    execute,
    fetch_all,
    fetch_one,
    insert_returning_id,
    open_database,
    register_table,
    run_unit,
)
from app.storage.lock import BookLock
from app.storage.migrate import Migration, add_column, create_table, known_migrations, migrate, pending
from app.storage.progress import WorkCancelled
from app.storage.uploads import keep_file
from tests.ledger.build import draft, line, posted
from tests.mariadb import MariaDBServer


def verify() -> Sequence[Message]:
    return [message("{text}", text=finding.message) for finding in verify_book().findings]


def head() -> str:
    row = fetch_one("SELECT count, last_hash FROM {chain_head}")
    return f"{row[0]} {row[1]}" if row else ""


def fill(book: Book) -> Actor:
    """Make a small firm's book with vouchers of all states and texts of all kinds."""
    with book.session():
        owner = ensure_owner("王会计")
        set_up_ledger(name="甲𠮷公司", chart="small_enterprise_2013", start_period=202601)
        for day in range(1, 9):
            posted(
                owner,
                f"2026-01-{day:02}",
                line("1001", "10.50", summary='收 "现金"\\ %s ?'),
                line("3001", credit="10.50"),
            )
        draft(owner, "2026-02-01", line("1001", "1"), line("3001", credit="1"))
        set_setting("last", {"name": "😀"})
        job = (
            "INSERT INTO {job} (kind, actor_id, state, message, process, created_at, heartbeat_at) "
            "VALUES ('k', 1, 'done', '', '', 0, 0)"
        )
        for _ in range(3):
            run_unit(lambda: insert_returning_id(job))
        run_unit(lambda: execute("DELETE FROM {job} WHERE id > 1"))
    return owner


@pytest.fixture
def full_book(book: Book) -> Book:
    fill(book)
    return book


def contents(book: Book) -> dict[str, list[tuple[Any, ...]]]:
    with book.session():
        return {table: sorted(fetch_all(f"SELECT * FROM {{{table}}}"), key=repr) for table in table_names()}


def entries(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_backup_is_a_book_with_the_same_rows(full_book: Book, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    made = backup(full_book, folder / "b.zhangfang", verify=verify, head=head)
    assert entries(folder) == {"b.zhangfang"}
    assert made.rows["voucher"] == 9
    assert made.head.startswith("8 ")
    assert made.size == (folder / "b.zhangfang").stat().st_size
    copied = open_database(made.path)
    assert contents(copied) == contents(full_book)
    with copied.session():
        assert verify_book().findings == []
    copied.close()


def test_a_backup_goes_on_while_others_write(full_book: Book, tmp_path: Path) -> None:
    started = threading.Event()
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        while not stop.is_set():
            with full_book.session():
                set_setting(f"n{len(written)}", len(written))
            written.append(1)
            started.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert started.wait(60)
        made = backup(full_book, tmp_path / "copy.zhangfang", verify=verify, head=head)
    finally:
        stop.set()
        thread.join()
    copied = open_database(made.path)
    with copied.session():
        numbers = sorted(
            get_setting(row[0])
            for row in fetch_all("SELECT name FROM {book_setting} WHERE name LIKE 'n_%'")
            if row[0][1:].isdigit()
        )
    assert numbers == list(range(len(numbers)))  # one moment: no gap
    copied.close()


def test_a_backup_leaves_files_under_way_behind(full_book: Book, tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"x" * 300_000)
    with full_book.session():
        keep_file(tmp_path / "x.bin", 1)
    made = backup(full_book, tmp_path / "copy.zhangfang", verify=verify, head=head)
    assert made.rows["upload"] == made.rows["upload_part"] == 0


def test_a_backup_never_replaces_a_file(sqlite_book: Book, tmp_path: Path) -> None:
    fill(sqlite_book)
    target = tmp_path / "b.zhangfang"
    target.write_text("precious")
    with pytest.raises(Conflict) as refused:
        backup(sqlite_book, target, verify=verify, head=head)
    assert refused.value.code == "backup_target_exists"
    assert target.read_text() == "precious"
    with pytest.raises(NotFound) as missing:
        backup(sqlite_book, tmp_path / "no" / "b.zhangfang", verify=verify, head=head)
    assert missing.value.code == "folder_missing"


def test_a_cancelled_backup_leaves_nothing(full_book: Book, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(WorkCancelled):
        backup(full_book, folder / "b.zhangfang", verify=verify, head=head, cancelled=lambda: True)
    assert entries(folder) == set()


def test_a_backup_that_does_not_verify_gets_no_name(full_book: Book, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    with full_book.session():
        run_unit(lambda: execute("UPDATE {balance} SET debit = debit + 1 WHERE debit > 0"))
    with pytest.raises(Conflict) as refused:
        backup(full_book, folder / "b.zhangfang", verify=verify, head=head)
    assert refused.value.code == "backup_faulty"
    assert entries(folder) == set()


def test_a_backup_onto_a_network_drive_is_made_here_and_copied(
    sqlite_book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_book)
    table = tmp_path / "mounts"
    nas = tmp_path / "nas"
    nas.mkdir()
    table.write_text(f"/dev/sda / ext4 rw 0 0\nnas {nas} nfs4 rw 0 0\n")
    monkeypatch.setattr(places.network_drive_kind, "__defaults__", (table,))
    made = backup(sqlite_book, nas / "b.zhangfang", verify=verify, head=head)
    assert entries(nas) == {"b.zhangfang"}
    restored = restore(nas / "b.zhangfang", str(tmp_path / "r.zhangfang"), verify=verify, head=head)
    assert restored.head == made.head
    monkeypatch.setattr(backup_module, "_digest", lambda path: path.name.encode())
    with pytest.raises(EnvironmentFault):
        backup(sqlite_book, nas / "c.zhangfang", verify=verify, head=head)
    assert entries(nas) == {"b.zhangfang"}


@pytest.fixture
def saved(sqlite_book: Book, tmp_path: Path) -> Path:
    """A backup in a folder of its own."""
    fill(sqlite_book)
    folder = tmp_path / "backups"
    folder.mkdir()
    return Path(backup(sqlite_book, folder / "b.zhangfang", verify=verify, head=head).path)


def test_restore_sets_the_old_book_aside(saved: Path, tmp_path: Path) -> None:
    place = tmp_path / "here" / "账.zhangfang"
    place.parent.mkdir()
    restore(saved, str(place), verify=verify, head=head)
    old = open_database(str(place))
    with old.session():
        set_setting("mark", "old")
    old.close()
    before = saved.read_bytes()

    done = restore(saved, str(place), verify=verify, head=head)

    assert saved.read_bytes() == before
    assert entries(saved.parent) == {"b.zhangfang"}
    assert entries(place.parent) == {"账.zhangfang", Path(done.set_aside).name}
    for path, mark in ((str(place), None), (done.set_aside, "old")):
        book = open_database(path)
        assert pending(book) == []
        with book.session():
            assert get_setting("mark") == mark
            assert verify_book().findings == []
        book.close()


def test_restore_is_refused_while_the_book_is_open(saved: Path, tmp_path: Path) -> None:
    place = tmp_path / "r.zhangfang"
    restore(saved, str(place), verify=verify, head=head)
    before = place.read_bytes()
    with BookLock(place), pytest.raises(Conflict) as refused:
        restore(saved, str(place), verify=verify, head=head)
    assert refused.value.code == "book_in_use"
    assert place.read_bytes() == before


def test_restore_onto_the_backup_itself_is_refused(saved: Path) -> None:
    with pytest.raises(Conflict) as refused:
        restore(saved, str(saved), verify=verify, head=head)
    assert refused.value.code == "restore_onto_itself"


def test_a_disk_that_fails_at_the_last_step_brings_the_old_book_back(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    place = folder / "r.zhangfang"
    restore(saved, str(place), verify=verify, head=head)

    def fail(_draft: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_module, "_rename", fail)
    with pytest.raises(EnvironmentFault):
        restore(saved, str(place), verify=verify, head=head)
    assert entries(folder) == {"r.zhangfang"}


def spoil_text(path: Path) -> None:
    path.write_text("not a book")


def spoil_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[8192 : len(data) // 2] = b"\x55" * (len(data) // 2 - 8192)
    path.write_bytes(data)


def spoil_end(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def spoil_mark(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA application_id = 7")
    other.close()


def spoil_version(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("INSERT INTO schema_migration VALUES ('ledger', 99, 'later', 1, '9.9', 1)")
    other.close()


def spoil_row(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("UPDATE voucher SET summary = 'x', date = '2026-01-31' WHERE id = 1")
    other.close()


def spoil_reference(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA foreign_keys = 0")
        other.execute("UPDATE entry SET account_id = 99999 WHERE voucher_id = 1 AND line = 1")
    other.close()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (spoil_text, "not_a_book"),
        (spoil_mark, "not_a_book"),
        (spoil_middle, "book_damaged"),
        (spoil_end, "book_damaged"),
        (spoil_version, "book_newer"),
        (spoil_row, "backup_faulty"),
        (spoil_reference, "book_damaged"),
        (Path.unlink, "book_missing"),
    ],
)
def test_a_spoilt_backup_is_refused_and_nothing_changes(
    saved: Path, tmp_path: Path, spoil: Callable[[Path], None], code: str
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    place = folder / "r.zhangfang"
    restore(saved, str(place), verify=verify, head=head)
    before = place.read_bytes()
    spoil(saved)
    with pytest.raises((Conflict, EnvironmentFault, MalformedInput, NotFound)) as refused:
        restore(saved, str(place), verify=verify, head=head)
    assert refused.value.code == code
    assert "\n" not in str(refused.value)
    assert "请从备份恢复" not in str(refused.value)
    assert entries(folder) == {"r.zhangfang"}
    assert place.read_bytes() == before


def test_a_book_left_open_can_be_restored_from(sqlite_book: Book, tmp_path: Path) -> None:
    fill(sqlite_book)  # its last changes are in the log beside the file
    assert sqlite_book.address.path is not None
    done = restore(sqlite_book.address.path, str(tmp_path / "r.zhangfang"), verify=verify, head=head)
    restored = open_database(str(tmp_path / "r.zhangfang"))
    assert contents(restored) == contents(sqlite_book)
    assert done.set_aside == ""
    restored.close()


def test_a_backup_is_restored_onto_an_empty_server_only(
    saved: Path, mariadb_server: MariaDBServer, mariadb_database: str, sqlite_book: Book
) -> None:
    address = mariadb_server.url(mariadb_database)
    password = mariadb_server.password
    restore(saved, address, verify=verify, head=head, password=password)
    book = open_database(address, password=password)
    assert contents(book) == contents(sqlite_book)
    with book.session():
        assert verify_book().findings == []
    book.close()
    with pytest.raises(Conflict) as refused:
        restore(saved, address, verify=verify, head=head, password=password)
    assert refused.value.code == "copy_target_not_empty"


@pytest.fixture
def file_target(tmp_path: Path) -> Iterator[Book]:
    target = open_database(str(tmp_path / "target.zhangfang"))
    yield target
    target.close()


@pytest.fixture
def server_target(mariadb_server: MariaDBServer) -> Iterator[Book]:
    names = ("target_main", "target_ledger")
    address = mariadb_server.url("target_main", "ledger=target_ledger")
    target = open_database(address, password=mariadb_server.password)
    yield target
    target.close()
    mariadb_server.drop(*names)


@pytest.fixture(params=["file_target", "server_target"])
def target(request: pytest.FixtureRequest) -> Book:
    made: Book = request.getfixturevalue(request.param)
    return made


def test_a_copy_keeps_every_row_and_id(full_book: Book, target: Book) -> None:
    seen: list[tuple[int, int]] = []
    rows = copy(full_book, target, lambda done, total, _text: seen.append((done, total)))
    assert contents(target) == contents(full_book)
    assert rows["voucher"] == 9
    assert seen[-1][0] == seen[-1][1] == sum(rows.values())
    with target.session():
        assert verify_book().findings == []
        new_id = run_unit(
            lambda: insert_returning_id(
                "INSERT INTO {job} (kind, actor_id, state, message, process, created_at, heartbeat_at) "
                "VALUES ('k', 1, 'done', '', '', 0, 0)"
            )
        )
    assert new_id == 4  # 2 and 3 were used and deleted: never again
    with pytest.raises(Conflict) as refused:
        copy(full_book, target)
    assert refused.value.code == "copy_target_not_empty"


def test_a_copy_cut_off_can_be_done_again(full_book: Book, target: Book) -> None:
    asked = iter(range(1000))
    with pytest.raises(WorkCancelled):
        copy(full_book, target, cancelled=lambda: next(asked) > 8)
    rows = copy(full_book, target)
    assert contents(target) == contents(full_book)
    assert rows["entry"] == 18


def test_a_copy_that_differs_is_undone(full_book: Book, target: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "read_sum", lambda *_: TableSum(1, 1))
    with pytest.raises(EnvironmentFault) as fault:
        copy(full_book, target)
    assert fault.value.code == "copy_differs"
    with target.session():
        assert fetch_all("SELECT count(*) FROM {voucher}") == [(0,)]


LATER = Migration(
    "storage", 2, "later", (create_table("later_thing", {"id": "{id}"}), add_column("job", "mood", "{int}"))
)


def test_a_book_of_older_tables_is_copied_as_it_is(
    full_book: Book, target: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(full_book)
    register_table("later_thing", "storage")
    monkeypatch.setattr(migrate_module, "known_migrations", lambda: (*known_migrations(), LATER))
    copy(full_book, target)
    assert pending(target) == [LATER]
    kept = safety_copy(full_book, tmp_path)
    copied = open_database(str(kept))
    assert pending(copied) == [LATER]
    migrate(full_book)
    assert pending(full_book) == []
    for book in (target, copied):
        assert contents(book) == before
    copied.close()


def test_a_half_migrated_book_is_not_copied(full_book: Book, file_target: Book, tmp_path: Path) -> None:
    last = known_migrations()[-1]
    sql = "UPDATE {schema_migration} SET applied_at = NULL WHERE slice = ? AND number = ?"
    with full_book.session():
        run_unit(lambda: execute(sql, (last.slice, last.number)))
    with pytest.raises(Conflict) as refused:
        copy(full_book, file_target)
    assert refused.value.code == "book_half_migrated"
    with pytest.raises(Conflict):
        backup(full_book, tmp_path / "copy.zhangfang", verify=verify, head=head)


def test_an_empty_file_is_no_book_to_copy(sqlite_book: Book, file_target: Book, tmp_path: Path) -> None:
    (tmp_path / "empty.zhangfang").touch()
    empty = open_database(str(tmp_path / "empty.zhangfang"))
    with pytest.raises(MalformedInput) as refused:
        copy(empty, file_target)
    assert refused.value.code == "not_a_book"
    empty.close()


def test_references_hold_again_after_a_copy(full_book: Book, target: Book) -> None:
    copy(full_book, target)
    with target.session(), pytest.raises(Exception, match=r"(?i)foreign key"):
        run_unit(lambda: execute("UPDATE {entry} SET account_id = 99999 WHERE line = 1"))
