"""What is being typed and cannot be read, said in the message bar while it is so."""

from __future__ import annotations

from app.ui.widgets.message_bar import MessageBar


class UnreadNote:
    """Says a text at once, and takes it away once it is put right, unless the bar says something else by then."""

    def __init__(self, bar: MessageBar) -> None:
        self._bar = bar
        self._said = ""

    def say(self, text: str) -> None:
        """Say what cannot be read now; empty: nothing."""
        before, self._said = self._said, text
        if text and text != before:
            self._bar.show_warning(text)
        elif before and not text and self._bar.text == before:
            self._bar.clear()
