"""The box that says why there is no window."""

from __future__ import annotations

from app.kernel.text import Message
from app.resources import catalogue
from app.ui.application import chosen_language, make_application
from app.ui.error_dialog import ErrorDialog
from app.ui.language import LanguageSwitch, tr_message


def show_failure(sentence: Message, details: str, language: str) -> None:
    """Show one sentence, with details to copy when there are any, until it is read.

    `language` is the setting: `zh`, `en` or empty.
    """
    application = make_application()
    switch = LanguageSwitch(catalogue("en"), application)
    switch.use(chosen_language(language))
    if details:
        ErrorDialog(details, fatal=tr_message(sentence)).exec()
        return
    from app.ui.refusal_box import show_refusal

    show_refusal(sentence, language)
