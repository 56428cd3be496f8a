"""Qt's application, made ready before any widget."""

from __future__ import annotations

from PyQt5.QtCore import QCoreApplication, QLocale, QSettings, Qt
from PyQt5.QtWidgets import QApplication

from app.kernel.text import Language
from app.settings import Settings, data_folder, portable_folder
from app.version import PROGRAM


def make_application() -> QApplication:
    """Return the application, made ready for screens of any density."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_EnableHighDpiScaling)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_UseHighDpiPixmaps)
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QCoreApplication.setApplicationName(PROGRAM)
    if portable_folder() is not None:
        # Qt's file dialogs remember their folders in ~/.config; in the registry of Windows nothing can be moved.
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(data_folder()))
    return QApplication([PROGRAM])


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
