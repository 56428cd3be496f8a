"""Uploads: parts in any order, limits, hash, expiry, and never another's."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kernel.errors import Conflict, MalformedInput, NotFound, TooLarge
from app.storage import uploads
from app.storage.database import Book, execute, fetch_one, run_unit
from app.storage.uploads import (
    EXPIRES_AFTER_MS,
    MAX_BYTES,
    PART_BYTES,
    PERSON_OPEN_BYTES,
    assembled,
    begin_upload,
    find_upload,
    forget_expired,
    forget_upload,
    keep_file,
    put_part,
)

DATA = random.Random(1).randbytes(300)


@pytest.fixture
def here(book: Book) -> Iterator[Book]:
    """A current book."""
    with book.session():
        yield book


def test_parts_may_come_in_any_order_and_again(here: Book) -> None:
    upload = begin_upload(1, "C:\\用户\\流水 1.csv", 300, hashlib.sha256(DATA).hexdigest())
    assert (upload.name, upload.received, upload.complete) == ("流水 1.csv", 0, False)
    put_part(upload.id, 1, 2, DATA[200:])
    put_part(upload.id, 1, 0, b"x" * 50)
    put_part(upload.id, 1, 0, DATA[:100])
    with pytest.raises(Conflict) as early, assembled(upload.id, 1):
        pass
    assert early.value.code == "upload_incomplete"
    done = put_part(upload.id, 1, 1, DATA[100:200])
    assert (done.received, done.complete) == (300, True)
    with assembled(upload.id, 1) as path:
        assert path.name == "流水 1.csv"
        assert path.read_bytes() == DATA
    assert not path.exists()
    with pytest.raises(Conflict) as late:
        put_part(upload.id, 1, 0, DATA[:100])
    assert late.value.code == "upload_complete"


def test_a_part_of_four_megabytes_is_kept_and_a_larger_one_refused(here: Book) -> None:
    upload = begin_upload(1, "big", PART_BYTES)
    with pytest.raises(TooLarge):
        put_part(upload.id, 1, 0, bytes(PART_BYTES + 1))
    assert put_part(upload.id, 1, 0, bytes(PART_BYTES)).complete
    with assembled(upload.id, 1) as path:
        assert path.stat().st_size == PART_BYTES


def test_one_person_keeps_nobody_else_from_uploading(here: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge) as alone:
        begin_upload(1, "huge", MAX_BYTES + 1)
    for _ in range(PERSON_OPEN_BYTES // MAX_BYTES):
        begin_upload(1, "huge", MAX_BYTES)
    with pytest.raises(TooLarge) as own:
        begin_upload(1, "small", 1)
    others = [begin_upload(person, "a", 100) for person in (2, 3, 4)]
    monkeypatch.setattr(uploads, "MAX_OPEN_BYTES", 250)
    put_part(others[0].id, 2, 0, bytes(100))
    begin_upload(5, "a", 150)  # what was only announced takes no room
    put_part(others[1].id, 3, 0, bytes(100))
    with pytest.raises(TooLarge) as together:
        begin_upload(5, "b", 51)
    codes = [refused.value.code for refused in (alone, own, together)]
    assert codes == ["upload_too_large", "own_uploads_full", "uploads_full"]


@pytest.mark.parametrize(
    ("number", "data", "code"),
    [
        (0, b"", "upload_malformed"),
        (-1, b"x", "upload_malformed"),
        (99, b"x", "upload_malformed"),
        (0, b"xxxxx", "upload_too_long"),
    ],
)
def test_parts_that_cannot_be_are_refused(here: Book, number: int, data: bytes, code: str) -> None:
    upload = begin_upload(1, "a", 4)
    with pytest.raises((MalformedInput, Conflict)) as refused:
        put_part(upload.id, 1, number, data)
    assert refused.value.code == code
    assert find_upload(upload.id, 1).received == 0


@pytest.mark.parametrize(("size", "sha256"), [(-1, ""), (1, "abc"), (1, "G" * 64)])
def test_what_is_announced_must_make_sense(here: Book, size: int, sha256: str) -> None:
    with pytest.raises(MalformedInput):
        begin_upload(1, "a", size, sha256)


def test_content_that_is_not_what_was_announced_is_refused(here: Book) -> None:
    upload = begin_upload(1, "a", 3, hashlib.sha256(b"abc").hexdigest())
    put_part(upload.id, 1, 0, b"abd")
    with pytest.raises(MalformedInput) as refused, assembled(upload.id, 1):
        pass
    assert refused.value.code == "upload_differs"


def test_an_upload_is_its_makers_alone(here: Book) -> None:
    upload = begin_upload(1, "a", 1)
    for touch in (
        lambda: find_upload(upload.id, 2),
        lambda: put_part(upload.id, 2, 0, b"x"),
        lambda: forget_upload(upload.id, 2),
        lambda: find_upload("no such id", 1),
    ):
        with pytest.raises(NotFound):
            touch()
    forget_upload(upload.id, 1)
    with pytest.raises(NotFound):
        find_upload(upload.id, 1)


def test_what_nobody_used_for_a_day_goes(here: Book) -> None:
    now = [1_000_000]
    old = begin_upload(1, "old", 1, clock=lambda: now[0])
    put_part(old.id, 1, 0, b"x")
    now[0] += EXPIRES_AFTER_MS - 1
    assert forget_expired(lambda: now[0]) == 0
    now[0] += 1
    assert forget_expired(lambda: now[0]) == 1
    assert fetch_one("SELECT count(*) FROM {upload_part}") == (0,)


def test_an_empty_file_is_complete_at_once(here: Book) -> None:
    upload = begin_upload(1, "", 0)
    assert (upload.complete, upload.name) == (True, "file")
    with assembled(upload.id, 1) as path:
        assert path.read_bytes() == b""


def test_a_file_of_a_job_is_kept_in_parts(here: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PART_BYTES", 100)
    (tmp_path / "报表.xlsx").write_bytes(DATA[:250])
    kept = keep_file(tmp_path / "报表.xlsx", 5)
    assert kept.complete
    assert [len(part) for part in uploads.read_parts(kept.id)] == [100, 100, 50]
    with assembled(kept.id, 5) as path:
        assert path.read_bytes() == DATA[:250]
    run_unit(lambda: execute("DELETE FROM {upload_part} WHERE number = 1"))
    with pytest.raises(MalformedInput), assembled(kept.id, 5):
        pass


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("a:b*.csv", "a_b_.csv"),
        ("..", "file"),
        ("甲/乙公司.csv", "乙公司.csv"),
        ("好" * 300 + ".csv", "好" * 65 + ".csv"),
    ],
)
def test_names_cannot_leave_their_folder(here: Book, name: str, kept: str) -> None:
    assert begin_upload(1, name, 0).name == kept
