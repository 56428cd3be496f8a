"""What Qt notes about its file dialogs is put back by a portable program, and left alone by any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt5 import sip
from PyQt5.QtCore import QSettings, QUrl
from PyQt5.QtWidgets import QApplication, QFileDialog

from app.ui import application
from app.ui.application import QT_NOTES, FileDialogMemory


@pytest.fixture
def notes(tmp_path: Path, qapp: QApplication) -> Iterator[QSettings]:
    """Where Qt's dialogs keep what they remember, moved into a folder of the test."""
    place = (QSettings.Format.NativeFormat, QSettings.Scope.UserScope)
    QSettings.setPath(*place, str(tmp_path / "config"))
    yield QSettings(QSettings.Scope.UserScope, QT_NOTES)
    QSettings.setPath(*place, str(tmp_path / "nowhere"))


def use_a_dialog(folder: Path) -> None:
    dialog = QFileDialog(None, "", str(folder))
    dialog.setHistory([str(folder)])
    dialog.setDirectory(str(folder))
    sip.delete(dialog)  # a dialog notes its folder as it goes


@pytest.mark.parametrize("portable", [True, False])
def test_a_portable_program_puts_back_what_dialogs_noted(
    notes: QSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, portable: bool
) -> None:
    monkeypatch.setattr(application, "portable_folder", lambda: tmp_path if portable else None)
    notes.setValue("FileDialog/lastVisited", "file:///of/another/program")
    notes.sync()
    (tmp_path / "stick").mkdir()
    memory = FileDialogMemory()
    use_a_dialog(tmp_path / "stick")
    notes.sync()
    noted = notes.value("FileDialog/lastVisited")
    assert noted == QUrl.fromLocalFile(str(tmp_path / "stick")).toString()
    memory.restore()
    notes.sync()
    assert notes.value("FileDialog/lastVisited") == ("file:///of/another/program" if portable else noted)
    assert ("FileDialog/history" in notes.allKeys()) is not portable
