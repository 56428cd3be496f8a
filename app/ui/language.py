"""The window's language: Chinese is the source, other languages come from the catalogue both wings share.

The language lives in the application as an installed translator, so changing it makes Qt send every widget a
`LanguageChange`, and nothing of it is a global of ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from PyQt5.QtCore import QCoreApplication, QLibraryInfo, QObject, QTranslator

from app.kernel.text import Language, Message

_CONTEXT = "zhangfang"


class CatalogueTranslator(QTranslator):
    """Our catalogue in the form Qt asks for."""

    def __init__(self, catalogue: Mapping[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue

    def isEmpty(self) -> bool:
        """Tell Qt to keep us although no file was loaded."""
        return False

    def translate(  # type: ignore[override]  # None is Qt's null text, "ask the next one"; the stubs forget it
        self, context: str | None, source: str | None, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """Return the translation of one of our sentences; Qt's own are not ours.

        What stands alone in a window begins with a capital; the catalogue has words that stand in sentences, too.
        """
        del disambiguation, n
        text = self._catalogue.get(source, "") if context == _CONTEXT and source else ""
        return text[:1].upper() + text[1:] if text else None


class LanguageSwitch(QObject):
    """Changes the language of the running window, Qt's own words included."""

    def __init__(self, catalogue: Mapping[str, str], parent: QObject | None = None) -> None:
        """Take the English catalogue; Chinese needs none."""
        super().__init__(parent)
        self._english = CatalogueTranslator(catalogue, self)
        self._qt_chinese = QTranslator(self)
        # Qt's menus of text fields and its file dialogs are English unless it has this file.
        self._qt_chinese.load("qtbase_zh_CN", QLibraryInfo.location(QLibraryInfo.LibraryLocation.TranslationsPath))
        self._language: Language | None = None

    @property
    def language(self) -> Language:
        """The language the window speaks now."""
        return self._language or "zh"

    def use(self, language: Language) -> None:
        """Switch; every widget gets a `LanguageChange` event."""
        if language == self._language:
            return
        new, old = (self._english, self._qt_chinese) if language == "en" else (self._qt_chinese, self._english)
        self._language = language
        QCoreApplication.removeTranslator(old)
        QCoreApplication.installTranslator(new)


def is_english() -> bool:
    """Tell whether the window speaks English, for names the data hold in both languages."""
    return QCoreApplication.translate(_CONTEXT, "账房") not in {"", "账房"}


def tr(source: str, /, **params: object) -> str:
    """Return the sentence in the window's language, its `{places}` filled. The first argument is always a literal."""
    text = QCoreApplication.translate(_CONTEXT, source) or source
    return text.format_map(params) if params else text


def tr_message(message: Message) -> str:
    """Return a `Message` in the window's language; one from the server is already in it."""
    values = {k: tr_message(v) if isinstance(v, Message) else v for k, v in message.params.items()}
    text = QCoreApplication.translate(_CONTEXT, message.source) or message.source
    return text.format_map(values) if values else text
