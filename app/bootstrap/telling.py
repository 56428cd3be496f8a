"""Saying something when there is no window to say it in: on standard error, and in a box where somebody can see one."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import traceback

from app.kernel.text import Message, message
from app.logs import mask_secrets
from app.settings import load_settings
from app.version import PROGRAM_NAME_EN, PROGRAM_NAME_ZH, VERSION

logger = logging.getLogger(__name__)

QUIET_VARIABLE = "ZHANGFANG_NO_DIALOGS"
"""Set to anything, it keeps boxes away that nobody would close, as where programs are tried without a person."""
_MOST_DETAILS = 1500
_UNSEEN = ("offscreen", "minimal")


def tell(sentence: Message, details: str = "") -> None:
    """Say one sentence, with details that can be copied, and wait until it is read. Never raises."""
    logger.warning("told without a window: %s %s", sentence.source, sentence.params)
    language, texts = _in_languages(sentence)
    with contextlib.suppress(OSError, ValueError, AttributeError):  # no such stream, or one that is closed
        sys.stderr.write("\n".join([*texts, details]).rstrip() + "\n")
    if not is_seen():
        return
    try:
        from app.ui.start_failure import show_failure

        show_failure(sentence, details, language)
    except Exception:  # whatever keeps Qt from showing it, the system may still be able to
        logger.exception("no box of Qt's")
        _show_natively("\n\n".join([*texts, details[-_MOST_DETAILS:]]))


def tell_failure(error: BaseException) -> None:
    """Say that the program cannot start because of an error nobody foresaw, and where the log lies."""
    from app.bootstrap.diagnostics import log_folder

    logger.critical("the program cannot start", exc_info=error)
    trace = "".join(traceback.format_exception(error))
    details = mask_secrets(f"{PROGRAM_NAME_EN} {VERSION}, Python {sys.version.split()[0]}, {sys.platform}\n{trace}")
    tell(
        message(
            "账房遇到没有料到的错误，无法启动。账簿没有受到影响。日志在“{folder}”里；请把下面的详情复制给开发者。",
            folder=log_folder(),
        ),
        details,
    )


def is_seen() -> bool:
    """Tell whether a box would be seen by anybody."""
    return not os.environ.get(QUIET_VARIABLE) and os.environ.get("QT_QPA_PLATFORM", "") not in _UNSEEN


def _in_languages(sentence: Message) -> tuple[str, list[str]]:
    """Return the language that was chosen, and the sentence in it: in both where none was, or none can be read."""
    from app.resources import catalogue

    language = ""
    english = sentence.source
    with contextlib.suppress(OSError, ValueError):
        language = load_settings().language
    with contextlib.suppress(OSError, ValueError):
        english = sentence.render(catalogue("en"))
    texts = {"zh": [sentence.render()], "en": [english]}
    return language, texts.get(language, [sentence.render(), english])


def _show_natively(text: str) -> None:
    if sys.platform == "win32":
        import ctypes

        error_icon, to_front = 0x10, 0x10000
        title = f"{PROGRAM_NAME_ZH} {PROGRAM_NAME_EN}"
        ctypes.windll.user32.MessageBoxW(None, text, title, error_icon | to_front)
