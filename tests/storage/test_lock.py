"""The lock file beside a book."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.kernel.errors import Conflict, EnvironmentFault
from app.storage.lock import BookLock, lock_path
from app.storage.processes import host_name, machine_id, own_start, process_start

ROOT = Path(__file__).parents[2]

HOLD = """
import sys
from pathlib import Path
from app.storage.lock import BookLock
BookLock(Path(sys.argv[1])).acquire()
sys.stdout.write("held\\n"); sys.stdout.flush()
sys.stdin.readline()
"""


def holding_process(book: Path) -> subprocess.Popen[str]:
    """Start a process that holds the book's lock until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(book)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def write_lock(book: Path, host: str, machine: str, process_id: int, started: str) -> None:
    lock_path(book).write_text(
        json.dumps(
            {
                "host": host,
                "machine": machine,
                "processes": [{"id": process_id, "started": started, "token": "t"}],
            }
        ),
        encoding="utf-8",
    )


def test_the_file_names_the_computer_and_goes_when_the_book_is_closed(tmp_path: Path) -> None:
    book = tmp_path / "甲.zhangfang"
    with BookLock(book):
        content = json.loads(lock_path(book).read_text(encoding="utf-8"))
        assert content["host"] == host_name()
        assert [entry["id"] for entry in content["processes"]] == [os.getpid()]
    assert not lock_path(book).exists()


def test_processes_of_one_computer_share_a_book(tmp_path: Path) -> None:
    book = tmp_path / "b.zhangfang"
    with holding_process(book) as other, BookLock(book):
        content = json.loads(lock_path(book).read_text(encoding="utf-8"))
        assert {entry["id"] for entry in content["processes"]} == {other.pid, os.getpid()}
        other.communicate("\n")
    assert not lock_path(book).exists()


def test_whoever_wants_the_book_alone_is_told_who_has_it(tmp_path: Path) -> None:
    book = tmp_path / "b.zhangfang"
    with holding_process(book) as other:
        with pytest.raises(Conflict) as refused:
            BookLock(book).acquire(alone=True)
        assert refused.value.code == "book_in_use"
        assert str(other.pid) in str(refused.value)
        other.communicate("\n")
    with BookLock(book), pytest.raises(Conflict):
        BookLock(book).acquire(alone=True)
    BookLock(book).acquire(alone=True).release()


def test_what_a_killed_process_left_is_cleared(tmp_path: Path) -> None:
    book = tmp_path / "b.zhangfang"
    with holding_process(book) as other:
        other.kill()
        other.wait()
    assert lock_path(book).exists()
    BookLock(book).acquire(alone=True).release()
    assert not lock_path(book).exists()


def test_a_later_process_of_the_same_number_does_not_count(tmp_path: Path) -> None:
    book = tmp_path / "b.zhangfang"
    write_lock(book, host_name(), machine_id(), os.getpid(), "another start")
    BookLock(book).acquire(alone=True).release()


@pytest.mark.parametrize(
    ("host", "machine"),
    [("会计室", machine_id()), (host_name(), "another machine")],
    ids=["another name", "the same name"],
)
def test_another_computer_is_refused_and_named(tmp_path: Path, host: str, machine: str) -> None:
    book = tmp_path / "b.zhangfang"
    write_lock(book, host, machine, os.getpid(), own_start())
    before = lock_path(book).read_bytes()
    with pytest.raises(Conflict) as refused:
        BookLock(book).acquire()
    assert refused.value.code == "book_open_elsewhere"
    assert host in str(refused.value)
    assert lock_path(book).read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"processes": [{"id": 1}]}', b"\xff\xfe"])
def test_a_torn_file_is_no_lock(tmp_path: Path, content: bytes) -> None:
    book = tmp_path / "b.zhangfang"
    lock_path(book).write_bytes(content)
    with BookLock(book):
        assert json.loads(lock_path(book).read_bytes())["host"] == host_name()


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as fault:
        BookLock(tmp_path / "no" / "b.zhangfang").acquire()
    assert fault.value.code == "book_unreachable"


def test_many_that_come_and_go_at_once_leave_no_file(tmp_path: Path) -> None:
    book = tmp_path / "b.zhangfang"
    raised: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                with BookLock(book):
                    assert lock_path(book).exists()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            raised.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    assert not lock_path(book).exists()


def test_a_process_that_is_not_there_has_no_start() -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    assert process_start(done.pid) is None
    assert process_start(0) is None
    assert process_start(os.getpid()) == own_start() != ""
