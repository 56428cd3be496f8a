"""What a command says and where: its answer on standard output, everything else on standard error."""

from __future__ import annotations

import getpass
import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from app.kernel.errors import ZhangfangError
from app.kernel.text import Language, Message, message

PROGRESS_EVERY_S = 0.2


class Console:
    """Prints in the user's language; with `as_json` nothing but one document goes to standard output."""

    def __init__(self, catalogue: Mapping[str, str] | None, *, as_json: bool = False) -> None:
        """Take the catalogue of the language (none: Chinese)."""
        self.catalogue = catalogue
        self.as_json = as_json
        self._shown_at = 0.0
        self._line_open = False

    def text(self, sentence: Message) -> str:
        """Return a sentence in the user's language."""
        return sentence.render(self.catalogue)

    def say(self, sentence: Message) -> None:
        """Print a sentence as the answer; not with `as_json`, where the document is the answer."""
        if not self.as_json:
            self._end_line()
            print(self.text(sentence))

    def print_json(self, document: Any) -> None:
        """Print the one document of `--json`."""
        self._end_line()
        print(json.dumps(document, ensure_ascii=False))

    def note(self, sentence: Message) -> None:
        """Print a sentence beside the answer: a warning, a finding, advice."""
        self._end_line()
        print(self.text(sentence), file=sys.stderr)

    def fail(self, error: ZhangfangError) -> None:
        """Print why something was refused: one sentence, and where its fields are told apart, one line each."""
        self.note(error.message)
        for path, sentence in error.fields.items():
            if self.text(sentence) != self.text(error.message):
                self.note(message("  {field}：{sentence}", field=path, sentence=sentence))

    def progress(self, done: int, total: int, text: Message) -> None:
        """Show on a terminal where long work stands, in one line that is written over."""
        now = time.monotonic()
        if not sys.stderr.isatty() or (now - self._shown_at < PROGRESS_EVERY_S and done < total):
            return
        self._shown_at = now
        share = f"{done * 100 // total:3d} %" if total else "  …"
        sys.stderr.write(f"\r\x1b[K{share}  {self.text(text)}")
        sys.stderr.flush()
        self._line_open = True

    def _end_line(self) -> None:
        if self._line_open:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._line_open = False

    def ask(self, question: Message) -> str | None:
        """Ask for a line, or return `None` where nobody can answer."""
        if not sys.stdin.isatty():
            return None
        self._end_line()
        sys.stderr.write(self.text(question))
        sys.stderr.flush()
        return sys.stdin.readline().rstrip("\n")

    def ask_secret(self, question: Message) -> str | None:
        """Ask for a secret without showing it, or return `None` where nobody can answer."""
        if not sys.stdin.isatty():
            return None
        self._end_line()
        return getpass.getpass(self.text(question), stream=sys.stderr)


def chosen_language() -> Language:
    """Return the language of the environment: Chinese, unless it asks for English."""
    for name in ("ZHANGFANG_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "en" if value.lower().startswith("en") else "zh"
    return "zh"


def use_utf8() -> None:
    """Make the standard streams UTF-8 with plain line ends, whatever the console's code page is."""
    for stream in (sys.stdout, sys.stderr):
        # streams of a windowed program on Windows are None, those of tests are not always files
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace" if stream is sys.stderr else "strict", newline="\n")
