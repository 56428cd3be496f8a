"""What killed runs leave behind is swept, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.bootstrap import leftovers
from app.bootstrap.leftovers import MARK, OWNER, sign_unpacked_folder, stale_folders, sweep_settings, sweep_unpacked
from app.storage.processes import process_start

LONG_AGO = time.time() - 3600


def dead_process() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def unpacked(place: Path, process: int, *, mark: bool = True, owner: int | None = None, old: bool = True) -> Path:
    """Make a folder such as a one-file program unpacks itself to, a moment ago or with `old` before."""
    folder = place / f"_MEI{process:08x}Ab3xYz"
    (folder / "PyQt5").mkdir(parents=True)
    (folder / "PyQt5" / "libQt5Core.so.5").write_bytes(b"\x7fELF")
    if mark:
        (folder / MARK).write_text("zhangfang 0.1.0", encoding="ascii")
    if owner is not None:
        (folder / OWNER).write_text(json.dumps({"process": owner, "at": time.time()}), encoding="ascii")
    if old:
        os.utime(folder, (LONG_AGO, LONG_AGO))
    return folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files in which this process runs from its own unpacked folder."""
    own = unpacked(tmp_path, os.getpid(), owner=os.getpid())
    monkeypatch.setattr(sys, "_MEIPASS", str(own), raising=False)
    return tmp_path


def test_folders_of_dead_runs_go(place: Path) -> None:
    own = next(place.iterdir())
    gone = [unpacked(place, dead_process(), owner=dead_process()), unpacked(place, dead_process())]
    half_removed = place / f"zhangfang-leftover-_MEI{dead_process():08x}Ab3xYz"
    (half_removed / "PIL").mkdir(parents=True)
    assert sweep_unpacked() == 3
    assert not any(folder.exists() for folder in [*gone, half_removed])
    assert list(place.iterdir()) == [own]


def test_folders_of_living_runs_stay(place: Path) -> None:
    me = os.getpid()
    # a Windows program started from Linux has no parent there
    living = os.getppid() if process_start(os.getppid()) else me
    parent_lives = unpacked(place, living, owner=dead_process())
    child_lives = unpacked(place, dead_process(), owner=me)
    just_begun = unpacked(place, dead_process(), old=False)
    assert sweep_unpacked() == 0
    assert parent_lives.exists()
    assert child_lives.exists()
    assert just_begun.exists()


def test_a_later_process_of_the_same_number_holds_nothing_up(place: Path) -> None:
    folder = unpacked(place / "other", os.getpid())
    (folder / OWNER).write_text(json.dumps({"process": os.getpid(), "at": LONG_AGO}), encoding="ascii")
    os.utime(folder / MARK, (LONG_AGO, LONG_AGO))
    os.utime(folder, (LONG_AGO, LONG_AGO))
    assert stale_folders(place / "other") == [folder]


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows, links take a right people do not have")
def test_what_is_not_ours_stays(place: Path) -> None:
    foreign = unpacked(place, dead_process(), mark=False)
    named_otherwise = place / "_MEI123"
    named_otherwise.mkdir()
    (named_otherwise / MARK).touch()
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / MARK).touch()
    link = place / f"_MEI{dead_process():08x}link"
    link.symlink_to(elsewhere)
    os.utime(link, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    assert stale_folders(place) == []
    assert sweep_unpacked() == 0
    assert foreign.exists()
    assert named_otherwise.exists()
    assert (elsewhere / MARK).exists()


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can give files away")
def test_folders_of_other_people_stay(place: Path) -> None:
    theirs = unpacked(place, dead_process())
    os.chown(theirs, 12345, 12345)
    assert sweep_unpacked() == 0
    assert theirs.exists()


def test_a_program_that_was_not_unpacked_looks_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = unpacked(tmp_path, dead_process())
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "_internal"), raising=False)
    assert sweep_unpacked() == 0
    monkeypatch.delattr(sys, "_MEIPASS")
    assert sweep_unpacked() == 0
    sign_unpacked_folder()
    assert folder.exists()


def test_a_run_signs_its_folder(place: Path) -> None:
    own = next(place.iterdir())
    (own / OWNER).unlink()
    sign_unpacked_folder()
    assert json.loads((own / OWNER).read_text(encoding="ascii"))["process"] == os.getpid()


def test_a_folder_that_cannot_be_removed_is_left_alone(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = unpacked(place, dead_process())

    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "rename", held)
    assert sweep_unpacked() == 0
    assert (folder / "PyQt5" / "libQt5Core.so.5").exists()


def test_half_written_settings_go(tmp_path: Path) -> None:
    for name in ("settings.toml", "settings.tomlx1y2z3.new", "other.new"):
        (tmp_path / name).touch()
    sweep_settings(tmp_path)
    sweep_settings(tmp_path / "nowhere")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.new", "settings.toml"]
    assert leftovers.unpacked_folder() is None
