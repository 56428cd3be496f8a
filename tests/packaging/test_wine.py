"""The private Wine: its own places, a limit for everything, paths both ways; with a shell in the part of Wine."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import wine

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows needs no Wine")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> wine.Wine:
    """A prefix whose loader runs its arguments as a Linux command, and whose server notes what it is asked."""
    loader, server = tmp_path / "wine64", tmp_path / "wineserver"
    loader.write_text('#!/bin/sh\nexec "$@"\n')
    server.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/asked\n')
    for program in (loader, server):
        program.chmod(0o755)
    monkeypatch.setattr(wine, "LOADERS", (str(loader),))
    monkeypatch.setattr(wine, "SERVERS", (str(server),))
    monkeypatch.setattr(wine, "STOP_LIMIT_S", 1)
    made = wine.Wine(tmp_path / "home", environment={"OURS": "1"})
    made.drive_c.mkdir(parents=True)
    return made


def test_a_program_runs_in_places_of_its_own(shell: wine.Wine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    done = shell.run(["sh", "-c", "env; exit 7"], 20, environment={"MORE": "账"})
    seen = dict(line.split("=", 1) for line in done.output.splitlines())
    assert done.code == 7
    assert (seen["HOME"], seen["WINEPREFIX"]) == (str(shell.folder), str(shell.prefix))
    assert (seen["WINEARCH"], seen["OURS"], seen["MORE"]) == ("win64", "1", "账")
    assert "winemenubuilder.exe=d" in seen["WINEDLLOVERRIDES"]
    assert {"DISPLAY", "WAYLAND_DISPLAY", "PYTHONDONTWRITEBYTECODE"}.isdisjoint(seen)


def test_nothing_can_be_typed_and_the_outputs_are_no_file(shell: wine.Wine) -> None:
    """Python under Wine dies when an output is a regular file."""
    kinds = shell.run(["sh", "-c", "stat -L -c %F /dev/stdin /dev/stdout /dev/stderr; cat"], 20).output.splitlines()
    assert kinds == ["character special file", "fifo", "fifo"]


def test_a_program_that_hangs_is_stopped_with_its_whole_prefix(shell: wine.Wine, tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(wine.TimedOut, match="not done after") as caught:
        shell.run(["sh", "-c", "echo begun; exec sleep 60"], 3)
    assert caught.value.output == "begun\n"
    assert time.monotonic() - began < 20
    assert (tmp_path / "asked").read_text().split() == ["-k", "-w"]


def test_a_service_that_keeps_the_pipe_does_not_keep_us(shell: wine.Wine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wine, "DRAIN_LIMIT_S", 1)
    assert shell.run(["sh", "-c", "sleep 5 & echo told"], 60) == wine.Result(0, "told\n")


def test_paths_are_translated_both_ways(shell: wine.Wine) -> None:
    book = shell.drive_c / "我的 账本" / "甲公司.zhangfang"
    assert shell.windows(book) == "C:\\我的 账本\\甲公司.zhangfang"
    assert shell.path("C:\\我的 账本\\甲公司.zhangfang") == book
    assert shell.windows(Path("/srv/样本 1")) == "Z:\\srv\\样本 1"
    assert shell.path("z:/srv/样本 1") == Path("/srv/样本 1")
    (shell.drive_c / "Program Files").mkdir()
    assert shell.path("c:\\PROGRAM FILES\\x.exe") == shell.drive_c / "Program Files" / "x.exe"


@pytest.mark.parametrize("text", ["x.exe", "D:\\x.exe", "C:x.exe"])
def test_a_path_without_a_place_in_the_prefix_is_refused(shell: wine.Wine, text: str) -> None:
    with pytest.raises(ValueError, match="not a path on drive C or Z"):
        shell.path(text)


def test_paths_in_a_command_are_written_as_windows_sees_them(shell: wine.Wine) -> None:
    assert shell.run(["echo", shell.drive_c / "a b", "C:\\as it is"], 20).output == "C:\\a b C:\\as it is\n"


def test_missing_wine_is_told_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wine, "LOADERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(wine.WineError, match="the package wine"), wine.Wine(tmp_path / "home"):
        pass


def test_the_added_system_library_is_a_windows_library_that_passes_its_call_on() -> None:
    import pefile

    import wine_random_source

    with pefile.PE(data=wine_random_source.random_source()) as library:
        assert library.is_dll()
        (symbol,) = library.DIRECTORY_ENTRY_EXPORT.symbols
        assert (symbol.name, symbol.forwarder) == (b"ProcessPrng", b"advapi32.SystemFunction036")
