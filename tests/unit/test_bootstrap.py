"""What the program does with its arguments, before anything is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import bootstrap


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
