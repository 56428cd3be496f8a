"""The developer's one door: what it finds missing, what it runs, what it prints when it may not install."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import dev

INSTALLED = """\
installed\tlibgl1\t
installed\tlibglib2.0-0t64\tlibglib2.0-0 (= 2.80.0-6), libgobject-2.0-0
config-files\txauth\t
"""

posix_only = pytest.mark.skipif(os.name == "nt", reason="apt and symbolic links are for Linux")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with requirement files and an empty environment, in place of this project."""
    (tmp_path / "requirements.txt").write_text("Flask==1\n")
    (tmp_path / "requirements-server.txt").write_text("gunicorn==1\n")
    (tmp_path / "requirements-dev.txt").write_text("pytest==1\n")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (tmp_path / ".venv" / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).parent}\n")
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", tmp_path / ".venv")
    return tmp_path


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """A PATH with a dpkg-query that knows three packages and an apt-get that only notes how it was called."""
    folder = tmp_path / "debian"
    folder.mkdir()
    (folder / "listing").write_text(INSTALLED)
    (folder / "calls").write_text("")
    scripts = {
        "dpkg-query": f"cat {folder}/listing",
        "apt-get": f'echo "$DEBIAN_FRONTEND $*" >> {folder}/calls; test ! -e {folder}/broken',
    }
    for name, body in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return lambda: (folder / "calls").read_text().splitlines()


def mark_installed(names: tuple[str, ...]) -> None:
    dev.stamp_path(names).write_text(dev.stamp_text(names))


@posix_only
def test_a_stamp_holds_until_a_pin_changes(project: Path) -> None:
    assert not dev.is_installed(dev.DEV_REQUIREMENTS)
    mark_installed(dev.DEV_REQUIREMENTS)
    assert dev.is_installed(dev.DEV_REQUIREMENTS)
    (project / "requirements.txt").write_text("Flask==2\n")
    assert not dev.is_installed(dev.DEV_REQUIREMENTS)


@posix_only
def test_a_test_pin_does_not_touch_the_run_time_stamp(project: Path) -> None:
    mark_installed(dev.RUN_REQUIREMENTS)
    (project / "requirements-dev.txt").write_text("pytest==2\n")
    assert dev.is_installed(dev.RUN_REQUIREMENTS)


@posix_only
def test_a_stamp_does_not_survive_another_interpreter(project: Path) -> None:
    mark_installed(dev.RUN_REQUIREMENTS)
    python = dev.venv_program("python")
    python.unlink()
    python.symlink_to("/bin/sh")
    assert not dev.is_installed(dev.RUN_REQUIREMENTS)
    python.unlink()
    assert not dev.is_installed(dev.RUN_REQUIREMENTS)


@posix_only
def test_a_package_counts_under_a_provided_name_and_not_when_only_its_settings_are_left(
    debian: Callable[[], list[str]],
) -> None:
    assert dev.missing_packages(["libgl1", "libglib2.0-0", "xauth", "xvfb"]) == ["xauth", "xvfb"]


@posix_only
def test_nothing_is_asked_of_systems_without_dpkg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dev.ensure_packages(dev.DEV_PACKAGES)


@posix_only
def test_root_gets_just_the_missing_packages(debian: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "is_root", lambda: True)
    assert dev.ensure_packages(["libgl1", "xauth"])
    assert debian() == [
        "noninteractive update",
        "noninteractive install --yes --no-install-recommends xauth",
    ]


@posix_only
def test_apt_is_not_called_when_all_is_there(debian: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "is_root", lambda: True)
    assert dev.ensure_packages(["libgl1"])
    assert debian() == []


@posix_only
def test_others_get_the_line_to_type(
    debian: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "is_root", lambda: False)
    assert not dev.ensure_packages(["libgl1", "xvfb", "xauth"])
    line = "sudo apt-get update && sudo apt-get install --yes --no-install-recommends xvfb xauth"
    assert line in capsys.readouterr().err
    assert debian() == []


@posix_only
def test_a_failing_apt_is_reported_with_the_line_and_does_not_stop_the_rest(
    debian: Callable[[], list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(dev, "is_root", lambda: True)
    (tmp_path / "debian" / "broken").touch()
    assert not dev.ensure_packages(["xauth"])
    assert "apt-get install --yes --no-install-recommends xauth" in capsys.readouterr().err


@posix_only
def test_without_ensurepip_and_without_rights_setup_ends_with_one_sentence(
    project: Path, debian: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "is_root", lambda: False)
    monkeypatch.setattr("importlib.util.find_spec", {}.get)
    dev.venv_program("python").unlink()
    assert dev.main(["setup"]) == 2
    package = f"python3.{sys.version_info.minor}-venv"
    shown = capsys.readouterr().err
    assert f"apt-get install --yes --no-install-recommends {package} " in shown
    assert "this Python cannot make environments" in shown.splitlines()[-1]


@posix_only
def test_run_hands_arguments_exit_code_and_a_clean_environment_to_the_program(project: Path) -> None:
    """The whole way: a copy of dev.py, a ready environment, a program that tells how it was started."""
    (project / "dev.py").write_text(Path(dev.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    (project / "main.py").write_text(
        "import json, os, sys\n"
        "print(json.dumps([sys.argv[1:], 'PYTHONDONTWRITEBYTECODE' in os.environ, os.getcwd()]))\n"
        "sys.exit(7)\n"
    )
    mark_installed(dev.RUN_REQUIREMENTS)
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PATH": str(project)}
    done = subprocess.run(
        [sys.executable, project / "dev.py", "run", "--", "report", "我的 账.zhangfang", "--json"],
        capture_output=True,
        check=False,
        cwd="/",
        encoding="utf-8",
        env=environment,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (7, "")
    assert json.loads(done.stdout) == [["report", "我的 账.zhangfang", "--json"], False, "/"]


@posix_only
@pytest.mark.parametrize("command", [["package"], ["package", "windows", "--twice"], ["prove-windows"]])
def test_windows_commands_name_what_they_need_and_start_nothing_without_it(
    command: list[str],
    debian: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(dev, "is_root", lambda: False)
    monkeypatch.setattr(dev, "ensure_ready_to_develop", lambda: None)
    assert dev.main(command) == 2
    shown = capsys.readouterr().err
    assert "sudo apt-get update && sudo apt-get install --yes --no-install-recommends fonts-wqy-microhei nsis" in shown
    assert " wine wine64 xvfb xauth" in shown
    assert "$ " not in shown, "a program was started"


@posix_only
def test_the_linux_downloads_need_nothing_of_windows(
    debian: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    called: list[list[str | Path]] = []

    def note(command: list[str | Path]) -> int:
        called.append(command)
        return 0

    monkeypatch.setattr(dev, "is_root", lambda: False)
    monkeypatch.setattr(dev, "ensure_ready_to_develop", lambda: None)
    monkeypatch.setattr(dev, "call", note)
    assert dev.main(["package", "linux"]) == 0
    assert [command[1:] for command in called] == [["build/package.py", "linux"]]


def test_nothing_of_windows_is_asked_of_those_who_only_run_or_test() -> None:
    assert set(dev.WINDOWS_PACKAGES) - set(dev.DEV_PACKAGES) >= {"wine", "wine64", "nsis", "osslsigncode"}


def test_an_unknown_command_is_wrong_usage_and_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["tset"]) == 2
    shown = capsys.readouterr().err
    assert all(f"  {name} " in shown for name in dev.COMMANDS)


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["--help"]) == 0
    assert "usage: python3 dev.py COMMAND" in capsys.readouterr().err


@pytest.mark.parametrize(("windows", "expected"), [(True, "Scripts/python.exe"), (False, "bin/python")])
def test_programs_of_the_environment_are_found_on_both_systems(
    windows: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "WINDOWS", windows)
    assert dev.venv_program("python").as_posix().endswith(f".venv/{expected}")
