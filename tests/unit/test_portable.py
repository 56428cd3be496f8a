"""Portable mode, with real processes of a copied program: everything stays in its folder, and the folder may move."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from app.bootstrap import passwords
from app.bootstrap.passwords import keep_password, with_password
from app.kernel.errors import EnvironmentFault
from app.portable import DATA_NAME, MARKER, books_folder, from_stored, program_folder, to_stored
from app.settings import DATA_DIR_VARIABLE, Settings, data_folder, portable_folder
from app.storage.address import parse_address

ROOT = Path(__file__).parents[2]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="on Windows, links take a right people do not have")

# The program as it is started by a double-click, with somebody at the window: makes a book where the first dialog
# suggests it (later the last one opens by itself), looks around, and leaves.
WINDOW = """
import sys
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication, QFileDialog
import app.ui.running
from app.bootstrap import main
from app.ui.start.book_dialogs import NewBookDialog
from app.ui.start.connect_dialog import ConnectDialog

def dialog(kind):
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible())

def make_book(shell):
    shell.connect_server()
    print("remembers passwords", not dialog(ConnectDialog).database.remember.isHidden())
    dialog(ConnectDialog).reject()
    shell.new_book()
    form = dialog(NewBookDialog)
    form._name.setText("甲公司")
    form._browse.click()
    dialog(QFileDialog).reject()
    form.ok_button.click()

def look_around(shell):
    print("opened", shell.opened.address)
    for key in ("backup", "settings", "about"):
        shell.go_to(key)
    QTimer.singleShot(0, shell.close_window)

def show(runtime, arguments, *, on_painted, on_ready):
    def painted(shell):
        on_painted(shell)
        if not shell.settings.last_book:
            QTimer.singleShot(200, lambda: make_book(shell))

    def ready(shell):
        on_ready(shell)
        look_around(shell)

    return real(runtime, arguments, on_painted=painted, on_ready=ready)

real, app.ui.running.run_window = app.ui.running.run_window, show
code = main([])
print(code)
"""


class Program:
    """A copy of the program in a folder of its own, and a computer around it that is to stay as it was."""

    def __init__(self, folder: Path, computer: Path) -> None:
        self.folder, self.computer = folder, computer
        for part in ("app", "resources"):
            shutil.copytree(ROOT / part, folder / part)
        shutil.copy(ROOT / "main.py", folder)
        for name in ("home", "tmp", "run", "elsewhere"):
            (computer / name).mkdir(parents=True, mode=0o700)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the program's folder, with a home folder and a place for temporary files of our own."""
        away = ("ZHANGFANG_", "XDG_", "TMP", "TEMP", "DBUS_", "LC_", "LANG")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(away)}
        environment |= {
            "HOME": str(self.computer / "home"),
            "TMPDIR": str(self.computer / "tmp"),
            "XDG_RUNTIME_DIR": str(self.computer / "run"),
            "PYTHONPATH": str(self.folder),
            "LANG": "C.UTF-8",
            "PYTHONIOENCODING": "utf-8",
            "ZHANGFANG_NO_DIALOGS": "1",
        }
        return subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            check=False,
            cwd=self.computer / "elsewhere",
            encoding="utf-8",
            env=environment | variables,
            timeout=150,
        )

    def left_behind(self) -> list[str]:
        """Return what lies on the computer outside the program's folder."""
        return sorted(str(path.relative_to(self.computer)) for path in self.computer.rglob("*") if path.is_file())


@pytest.fixture
def program(tmp_path: Path) -> Program:
    made = Program(tmp_path / "stick E" / "账房", tmp_path / "computer")
    (made.folder / MARKER).touch()
    return made


@pytest.mark.skipif(sys.platform == "win32", reason="the file dialog of Windows waits for a person")
def test_the_window_keeps_everything_beside_the_program_and_the_folder_may_move(program: Program) -> None:
    first = program.run("-c", WINDOW)
    book = program.folder / "账簿" / "甲公司.zhangfang"
    assert first.stdout.splitlines() == ["remembers passwords False", f"opened {book}", "0"], first.stderr
    data = program.folder / DATA_NAME
    assert (data / "logs" / "zhangfang.log").is_file()
    assert './账簿/甲公司.zhangfang"' in (data / "settings.toml").read_text(encoding="utf-8")
    assert str(program.folder) not in (data / "settings.toml").read_text(encoding="utf-8")
    assert list((data / "temp").iterdir()) == []
    assert any((data / "backups").rglob("*.zhangfang"))
    assert program.left_behind() == []

    elsewhere = program.folder.parent.with_name("stick F") / "my books"
    elsewhere.parent.mkdir()
    program.folder.rename(elsewhere)
    program.folder = elsewhere
    second = program.run("-c", WINDOW)
    assert second.stdout.splitlines() == [f"opened {elsewhere / '账簿' / '甲公司.zhangfang'}", "0"], second.stderr
    assert program.left_behind() == []


def test_commands_leave_nothing_on_the_computer_either(program: Program) -> None:
    book = str(program.folder / "a.zhangfang")
    main = str(program.folder / "main.py")
    made = program.run(main, "new", book, "--chart", "household", "--start", "2026-01")
    assert made.returncode == 0, made.stderr
    for command in (("verify", book), ("backup", book, str(program.folder / "b.zhangfang"))):
        done = program.run(main, *command)
        assert done.returncode == 0, done.stderr
    assert (program.folder / "b.zhangfang").is_file()
    assert program.left_behind() == []


def test_without_the_marker_or_with_a_chosen_folder_nothing_is_portable(program: Program, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    say = "from app.settings import data_folder, portable_folder; print(data_folder(), portable_folder())"
    assert program.run("-c", say, ZHANGFANG_DATA_DIR=str(chosen)).stdout == f"{chosen} None\n"
    assert program.run("-c", say).stdout == f"{program.folder / DATA_NAME} {program.folder}\n"
    (program.folder / MARKER).unlink()
    ordinary = program.run("-c", say).stdout
    if sys.platform == "win32":  # Windows asks no variable where the person's folder is
        assert ordinary.endswith("\\zhangfang None\n")
    else:
        assert ordinary == f"{program.computer / 'home/.local/share/zhangfang'} None\n"


def test_a_folder_that_cannot_be_written_is_refused_in_one_sentence(program: Program) -> None:
    (program.folder / DATA_NAME).write_text("in the way", encoding="utf-8")
    refused = program.run(str(program.folder / "main.py"), "verify", "x.zhangfang")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert str(program.folder) in refused.stderr
    assert MARKER in refused.stderr
    double_clicked = program.run(str(program.folder / "main.py"))
    assert double_clicked.returncode == 1
    assert str(program.folder) in double_clicked.stderr
    assert "cannot be written" in program.run(str(program.folder / "main.py"), "verify", "x", LANG="en_US").stderr
    assert program.left_behind() == []


def test_a_stick_that_is_pulled_out_does_not_send_the_settings_home(program: Program) -> None:
    pulled = (
        "import pathlib, sys; from app.settings import *; data_folder(); "
        "pathlib.Path(sys.argv[1]).unlink(); print(data_folder())"
    )
    assert program.run("-c", pulled, str(program.folder / MARKER)).stdout == f"{program.folder / DATA_NAME}\n"


def test_what_killed_runs_left_in_the_temporary_folder_goes_after_a_while(tmp_path: Path) -> None:
    temporary = tmp_path / DATA_NAME / "temp"
    for name, age_days in (("zhangfang-old", 3), ("zhangfang-new", 1)):
        (temporary / name).mkdir(parents=True)
        (temporary / name / "part").touch()
        then = time.time() - age_days * 86400
        os.utime(temporary / name, (then, then))
    tidy = "import sys, pathlib; from app.portable import prepare_portable; prepare_portable(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", tidy, str(tmp_path)], check=True, cwd=ROOT, timeout=60)
    assert [path.name for path in temporary.iterdir()] == ["zhangfang-new"]


@pytest.mark.parametrize("linked", [False, pytest.param(True, marks=posix_only)])
def test_the_built_program_looks_beside_its_own_file_not_where_it_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, linked: bool
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "Zhangfang").touch()
    (stick / MARKER).touch()
    if linked:
        (tmp_path / "link").symlink_to(stick / "Zhangfang")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "_MEI123"), raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "link" if linked else stick / "Zhangfang"))
    monkeypatch.delenv(DATA_DIR_VARIABLE)
    assert program_folder() == stick
    assert portable_folder() == stick
    assert data_folder() == stick / DATA_NAME


def test_addresses_inside_the_folder_are_relative_and_all_others_stay(tmp_path: Path) -> None:
    inside = str(tmp_path / "账簿" / "甲.zhangfang")
    assert to_stored(inside, tmp_path) == "./账簿/甲.zhangfang"
    assert from_stored("./账簿/甲.zhangfang", tmp_path / "other") == str(tmp_path / "other" / "账簿" / "甲.zhangfang")
    for other in ("", "mysql://root@server:3306/book", str(tmp_path.parent / "else.zhangfang"), "/x/./y.zhangfang"):
        assert from_stored(to_stored(other, tmp_path), tmp_path / "moved") == other


def test_the_folder_of_new_books_is_the_one_that_is_there(tmp_path: Path) -> None:
    assert books_folder(tmp_path, english=False).name == "账簿"
    assert books_folder(tmp_path, english=True).name == "books"
    (tmp_path / "账簿").mkdir()
    assert books_folder(tmp_path, english=True).name == "账簿"


class PasswordStore(KeyringBackend):
    """A store like the system's, in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no types there
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_the_password_store_of_a_computer_is_neither_filled_nor_asked_in_portable_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PasswordStore()
    before = keyring.get_keyring()
    keyring.set_keyring(store)
    try:
        address = "mysql://me@server:3306/book"
        keep_password(parse_address(address), "remembered")
        assert with_password(address, None).password == "remembered"
        assert with_password(f"{address}?tls=verify", None).password == "remembered"  # the same place, guarded
        monkeypatch.setattr(passwords, "portable_folder", lambda: tmp_path)
        with pytest.raises(EnvironmentFault) as asked:
            with_password(address, None)
        assert asked.value.code == "password_needed"
        keep_password(parse_address("mysql://you@server:3306/book"), "secret")
        assert list(store.kept.values()) == ["remembered"]
    finally:
        keyring.set_keyring(before)


def test_settings_outside_portable_mode_keep_addresses_as_they_are(data_dir: Path) -> None:
    assert portable_folder() is None
    assert data_folder() == data_dir
    assert Settings(last_book="./x").last_book == "./x"
