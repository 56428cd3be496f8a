"""Qt's application, made ready before any widget."""

from __future__ import annotations

import os
import sys

from PyQt5.QtCore import QCoreApplication, QLocale, QSettings, Qt
from PyQt5.QtWidgets import QApplication

from app.kernel.text import Language
from app.settings import Settings, data_folder, portable_folder
from app.ui.error_dialog import take_qt_messages
from app.version import PROGRAM

QT_NOTES = "QtProject"
"""Under this name Qt's own dialogs keep what they remember."""


def make_application() -> QApplication:
    """Return the application, made ready for screens of any density."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    take_qt_messages()
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_EnableHighDpiScaling)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_UseHighDpiPixmaps)
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QCoreApplication.setApplicationName(PROGRAM)
    if sys.platform == "linux":
        # Widgets are drawn without OpenGL, but Qt would load it, with 45 MB of Mesa where there is no graphics card.
        os.environ.setdefault("QT_XCB_GL_INTEGRATION", "none")
    if portable_folder() is not None:
        # Qt's file dialogs remember their folders in ~/.config; in the registry of Windows nothing can be moved.
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(data_folder()))
    return QApplication([PROGRAM])


class FileDialogMemory:
    """What Qt's file dialogs had noted on this computer before we came: the last folder, for one, of all programs.

    On Windows they note it in the registry, where no setting of ours reaches. In portable mode what was there is put
    back, so that the names of our folders do not stay on somebody else's computer; else nothing is touched.
    """

    def __init__(self) -> None:
        self._is_guest = portable_folder() is not None
        self._was_there = sys.platform != "win32" or QT_NOTES in _user_settings().childGroups()
        self._before = self._read() if self._is_guest else {}

    def restore(self) -> None:
        """Put everything back; call it when the last dialog is gone."""
        if not self._is_guest:
            return
        if self._read() != self._before:
            notes = _dialog_notes()
            notes.remove("")
            for name, value in self._before.items():
                notes.setValue(name, value)
            notes.sync()
        if not self._was_there:
            _user_settings().remove(QT_NOTES)

    def _read(self) -> dict[str, object]:
        notes = _dialog_notes()
        return {name: notes.value(name) for name in notes.allKeys()}


def _dialog_notes() -> QSettings:
    notes = QSettings(QSettings.Scope.UserScope, QT_NOTES)
    notes.beginGroup("FileDialog")
    return notes


def _user_settings() -> QSettings:
    return QSettings("HKEY_CURRENT_USER\\Software", QSettings.Format.NativeFormat)


def chosen_language(setting: str) -> Language:
    """Return the language of a setting; empty follows the system: Chinese unless it clearly speaks another."""
    if setting in {"zh", "en"}:
        return "en" if setting == "en" else "zh"
    system = QLocale.system().language()
    return "zh" if system in {QLocale.Language.Chinese, QLocale.Language.C} else "en"


def zoom_of(settings: Settings) -> int:
    """Return the size of the window's text in percent."""
    text = settings.window.get("zoom", "100")
    return int(text) if text.isdigit() else 100
