"""The archives: what is in them, that Windows and Linux open them, and that the same content gives the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import archives
import compare

EPOCH = 1_700_000_000
posix_only = pytest.mark.skipif(os.name == "nt", reason="rights and links of Linux")


def tree(folder: Path, mode: int) -> dict[str, Path]:
    """Make a folder with a program, a text with a Chinese name and a link, and list it for an archive."""
    (folder / "sub").mkdir(parents=True)
    (folder / "程序").write_bytes(b"\x7fELF" + bytes(range(256)) * 40)
    (folder / "程序").chmod(0o700 | mode)
    (folder / "sub" / "说明.txt").write_text("账" * 1000, encoding="utf-8")
    (folder / "sub" / "说明.txt").chmod(0o600 | mode)
    (folder / "link").symlink_to("sub/说明.txt")
    return archives.files_below(folder, "账房")


@posix_only
def test_the_same_content_gives_the_same_bytes_whenever_and_by_whomever(tmp_path: Path) -> None:
    made: dict[str, set[bytes]] = {"zip": set(), "xz": set()}
    for name, mode, moment in (("one", 0, 1), ("two", 0o44, 10**9)):
        files = tree(tmp_path / name, mode)
        for path in files.values():
            os.utime(path, (moment, moment), follow_symlinks=False)
        backwards = dict(reversed(files.items())) if name == "two" else files
        archives.write_tar_xz(tmp_path / f"{name}.xz", backwards, EPOCH)
        archives.write_zip(tmp_path / f"{name}.zip", backwards, EPOCH)
        for kind, contents in made.items():
            contents.add((tmp_path / f"{name}.{kind}").read_bytes())
    assert {kind: len(contents) for kind, contents in made.items()} == {"zip": 1, "xz": 1}


@posix_only
def test_a_tar_keeps_programs_and_links_and_tells_nothing_of_this_machine(tmp_path: Path) -> None:
    archives.write_tar_xz(tmp_path / "a.tar.xz", tree(tmp_path / "tree", 0), EPOCH)
    with tarfile.open(tmp_path / "a.tar.xz") as archive:
        found = {entry.name: entry for entry in archive}
    assert found["账房/程序"].mode == 0o755
    assert found["账房/sub/说明.txt"].mode == 0o644
    assert (found["账房/link"].type, found["账房/link"].linkname) == (tarfile.SYMTYPE, "sub/说明.txt")
    assert {(e.mtime, e.uid, e.gid, e.uname, e.gname) for e in found.values()} == {(EPOCH, 0, 0, "", "")}


def test_a_zip_holds_only_what_explorer_reads(tmp_path: Path) -> None:
    archives.write_zip(tmp_path / "a.zip", {"账房/说明.txt": b"text" * 100, "账房/a.exe": b"MZ"}, EPOCH)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
    utf8_name = 0x800
    assert [entry.filename for entry in entries] == ["账房/a.exe", "账房/说明.txt"]
    assert {(e.compress_type, e.flag_bits & utf8_name, e.create_system) for e in entries} == {
        (zipfile.ZIP_DEFLATED, utf8_name, 0)
    }


def test_sums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"abc")
    (tmp_path / "a").write_bytes(b"")
    archives.write_sums(tmp_path / "SHA256SUMS", [tmp_path / "b", tmp_path / "a"])
    assert (tmp_path / "SHA256SUMS").read_text("utf-8") == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n"
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n"
    )


# --- comparing two builds ---------------------------------------------------------------------------------------------


def two_folders(tmp_path: Path) -> tuple[Path, Path]:
    folders = (tmp_path / "one", tmp_path / "two")
    for folder in folders:
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "same").write_bytes(b"same")
    return folders


def test_equal_folders_have_no_difference(tmp_path: Path) -> None:
    assert compare.compare(*two_folders(tmp_path)) == []


def test_every_difference_is_told_with_its_place(tmp_path: Path) -> None:
    one, two = two_folders(tmp_path)
    (one / "byte").write_bytes(b"abcd")
    (two / "byte").write_bytes(b"abXd")
    (one / "length").write_bytes(b"abcd")
    (two / "length").write_bytes(b"abc")
    (two / "sub" / "more").write_bytes(b"")
    assert [(found.name, found.detail) for found in compare.compare(one, two)] == [
        ("byte", "1 of 4 bytes, the first at 0x2"),
        ("length", "4 and 3 bytes"),
        ("sub/more", f"only in {two}"),
    ]


def test_two_empty_folders_prove_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="hold no files"):
        compare.compare(tmp_path, tmp_path)


def test_the_comparison_is_a_command(tmp_path: Path) -> None:
    one, two = two_folders(tmp_path)
    command = [sys.executable, compare.__file__, str(one), str(two)]
    same = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", timeout=60)
    (two / "sub" / "same").write_bytes(b"other")
    differs = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", timeout=60)
    assert (same.returncode, same.stdout) == (0, "every byte is the same\n")
    assert (differs.returncode, differs.stdout) == (1, "sub/same: 4 and 5 bytes\n1 files differ\n")
