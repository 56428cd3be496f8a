"""Zips: read without unpacking to disk, and refused when they are broken, locked, or built to do harm."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from app.exchange.errors import FileRefused
from tests.exchange.desk import Desk, csv_book
from tests.exchange.test_csv_book_import import GOOD, vouchers


def zipped(folder: Path, target: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, prefix + file.name)
    return target


@pytest.mark.parametrize("prefix", ["", "账簿/", "__MACOSX/../ok/".replace("__MACOSX/../", "")])
def test_a_zip_is_a_folder(prefix: str, desk: Desk, tmp_path: Path) -> None:
    path = zipped(csv_book(tmp_path / "book", GOOD), tmp_path / "book.zip", prefix)
    assert desk.bring(path).vouchers == 1
    assert len(vouchers(desk)) == 1


def refused(desk: Desk, path: Path) -> FileRefused:
    before = desk.everything()
    with pytest.raises(FileRefused) as caught:
        desk.bring(path)
    assert desk.everything() == before
    return caught.value


def test_a_truncated_zip_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = zipped(csv_book(tmp_path / "book", GOOD), tmp_path / "book.zip")
    whole = path.read_bytes()
    for length in (3, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:length])
        assert "不完整" in str(refused(desk, path))


def test_a_zip_with_damaged_content_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = zipped(csv_book(tmp_path / "book", [*GOOD] * 50), tmp_path / "book.zip")
    damaged = bytearray(path.read_bytes())
    for at in range(60, 90):
        damaged[at] ^= 0xFF
    path.write_bytes(damaged)
    assert "不完整" in str(refused(desk, path))


def test_a_zip_that_lies_about_its_size_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = zipped(csv_book(tmp_path / "book", GOOD), tmp_path / "book.zip")
    data = bytearray(path.read_bytes())
    entry = data.rfind(b"PK\x01\x02")
    size = struct.unpack_from("<I", data, entry + 24)[0]
    struct.pack_into("<I", data, entry + 24, size - 3)
    path.write_bytes(data)
    assert "不完整" in str(refused(desk, path))


@pytest.mark.parametrize("name", ["../vouchers.csv", "/vouchers.csv", "a/../../vouchers.csv", "..\\vouchers.csv"])
def test_a_path_that_leaves_the_zip_is_refused(name: str, desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "book.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "date\n")
    assert "拒绝导入" in str(refused(desk, path))


def test_a_bomb_is_refused_before_it_is_unpacked(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "book.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vouchers.csv", b"0" * (40 << 20))
    assert "太大" in str(refused(desk, path))


def test_too_many_members_are_refused(desk: Desk, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}", "")
    path = tmp_path / "book.zip"
    path.write_bytes(buffer.getvalue())
    assert "太多" in str(refused(desk, path))


def test_a_locked_zip_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = zipped(csv_book(tmp_path / "book", GOOD), tmp_path / "book.zip")
    data = bytearray(path.read_bytes())
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 8] |= 1
    path.write_bytes(data)
    assert "密码" in str(refused(desk, path))


def test_a_zip_of_something_else_is_not_known(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert refused(desk, path).code == "format_unknown"
    with pytest.raises(FileRefused, match="没有 csv-book 的文件"):
        desk.bring(path, format_name="csv-book")
