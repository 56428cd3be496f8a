"""The box that says why the program does not start, when there is no window yet to say it in."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox

from app.kernel.text import Message
from app.resources import catalogue
from app.ui.application import chosen_language, make_application
from app.ui.icons import app_icon
from app.ui.language import LanguageSwitch, tr, tr_message


def show_refusal(sentence: Message, language: str) -> None:
    """Show one sentence and wait until it is read; `language` is the setting: `zh`, `en` or empty."""
    application = make_application()
    switch = LanguageSwitch(catalogue("en"), application)
    switch.use(chosen_language(language))
    box = QMessageBox(QMessageBox.Icon.Warning, tr("账房"), tr_message(sentence), QMessageBox.StandardButton.Close)
    box.setTextFormat(Qt.TextFormat.PlainText)  # no style sheet says so yet, and the sentence names a file
    box.setWindowIcon(app_icon())
    box.exec()
