"""Making the downloads: the one time in everything, what is in the archives, the copy for the second build."""

from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

import package
from app.version import VERSION

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the downloads are made on Linux")

EPOCH = 1_700_000_000


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> package.Places:
    """A project with finished builds of made-up content."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
    root = tmp_path / "project"
    for name in ("LICENSE", "README.md", "build/windows/说明.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{name}\n第二行\n", encoding="utf-8")
    places = package.places(root)
    for dist, programs in (
        (
            places.windows / "dist",
            ("Zhangfang.exe", "Zhangfang-folder/Zhangfang.exe", "Zhangfang-folder/_internal/a.dll"),
        ),
        (places.out / "dist", ("zhangfang", "zhangfang-folder/zhangfang", "zhangfang-folder/_internal/a.so")),
    ):
        for name in programs:
            (dist / name).parent.mkdir(parents=True, exist_ok=True)
            (dist / name).write_bytes(name.encode())
            (dist / name).chmod(0o755)
    places.release.mkdir()
    return places


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    dates = {"GIT_COMMITTER_DATE": "1600000000 +0000", "GIT_AUTHOR_DATE": "1500000000 +0000"}
    subprocess.run(
        ["git", *identity, *words], check=True, cwd=folder, capture_output=True, env=os.environ | dates, timeout=30
    )


def test_everything_carries_the_time_of_the_last_commit_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    sources = tmp_path / "sources"
    sources.mkdir()
    assert package.source_epoch(sources) == package.FIXED_EPOCH
    git(sources, "init", "--quiet")
    git(sources, "commit", "--quiet", "--allow-empty", "--message", "first")
    assert package.source_epoch(sources) == 1_600_000_000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "7")
    assert package.source_epoch(sources) == 7


def test_the_second_build_has_what_version_control_knows_and_nothing_else(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    (sources / "sub").mkdir(parents=True)
    for name in ("sub/说明.txt", "gone", "stray"):
        (sources / name).write_text(name, encoding="utf-8")
    git(sources, "init", "--quiet")
    git(sources, "add", "sub", "gone")
    (sources / "gone").unlink()
    (sources / "sub" / "说明.txt").write_text("as it is now", encoding="utf-8")
    package.copy_sources(sources, tmp_path / "copy")
    copied = {
        path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*") if path.is_file()
    }
    assert copied == {"sub/说明.txt"}
    assert (tmp_path / "copy" / "sub" / "说明.txt").read_text("utf-8") == "as it is now"


def test_the_portable_download_is_the_program_its_licence_and_a_word_for_notepad(where: package.Places) -> None:
    path = package.portable_zip(where)
    assert path.name == f"Zhangfang-{VERSION}-windows-x64-portable.zip"
    with zipfile.ZipFile(path) as archive:
        names = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert set(names) == {"Zhangfang.exe", "LICENSE.txt", "portable.txt", "说明.txt"}
    assert names["portable.txt"] == b""
    assert names["Zhangfang.exe"] == b"Zhangfang.exe"
    assert names["说明.txt"] == b"\xef\xbb\xbf" + "build/windows/说明.txt\r\n第二行\r\n".encode()


def test_the_linux_downloads_start_after_unpacking(where: package.Places) -> None:
    folder, one_file = package.release_linux(where)
    name = f"zhangfang-{VERSION}-linux-x86_64"
    assert (folder.name, one_file.name) == (f"{name}.tar.xz", f"{name}-one-file.tar.xz")
    with tarfile.open(folder) as archive:
        modes = {entry.name: entry.mode for entry in archive}
    assert modes == {
        f"{name}/LICENSE": 0o644,
        f"{name}/README.md": 0o644,
        f"{name}/_internal/a.so": 0o755,
        f"{name}/zhangfang": 0o755,
    }
    with tarfile.open(one_file) as archive:
        assert {entry.name: entry.mode for entry in archive}[f"{name}-one-file/zhangfang"] == 0o755


def test_a_system_that_is_not_built_for_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        package.main(["beos"])
    assert caught.value.code == 2
    assert "no such system: beos" in capsys.readouterr().err
