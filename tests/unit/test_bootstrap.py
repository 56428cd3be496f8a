"""What the program does with its arguments, before anything is opened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app import bootstrap
from app.storage.address import parse_address
from app.web.opening import create_book

ROOT = Path(__file__).parents[2]


def test_which_arguments_open_the_window(tmp_path: Path) -> None:
    book = tmp_path / "甲 公司.zhangfang"
    book.touch()
    assert bootstrap.window_book([]) == ""
    assert bootstrap.window_book(["--book", "x"]) == bootstrap.window_book(["--book=x"]) == "x"
    assert bootstrap.window_book([str(book)]) == str(book)
    assert bootstrap.window_book([str(tmp_path / "missing.zhangfang")]) is None
    assert bootstrap.window_book(["verify", "x"]) is None


def test_without_a_screen_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert bootstrap.main([]) == 1
    assert "没有屏幕" in capsys.readouterr().err


def test_a_book_in_a_file_is_opened_without_drivers_and_writers(tmp_path: Path) -> None:
    """What no SQLite book needs costs time at each start and memory as long as the program runs."""
    book = tmp_path / "b.zhangfang"
    create_book(parse_address(str(book)), name="甲", chart="household", start="2026-01", vat="general")
    heavy = ("MySQLdb", "PIL", "cryptography", "keyring", "openpyxl", "pymysql", "reportlab", "xlsxwriter")
    program = (
        f"import sys\nfrom app.bootstrap import Runtime\nruntime = Runtime()\nruntime.open_book({str(book)!r})\n"
        f"print([name for name in {heavy} if name in sys.modules])\nruntime.close_book()"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True, timeout=60)
    assert done.stdout == "[]\n"


def test_the_window_is_painted_before_contracts_and_server_are_loaded() -> None:
    """They take a tenth of a second, as long as the window itself; the shell shows first and the server joins."""
    heavy = ("cryptography", "flask", "orjson", "peewee", "pydantic", "ssl", "waitress")
    program = (
        "import sys\nimport app.bootstrap\nimport app.ui.shell\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True, timeout=60)
    assert done.stdout == "[]\n"
