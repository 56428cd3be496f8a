"""Text and lines on a PDF canvas, written as the operators themselves: a book of 500 pages has 200,000 cells.

reportlab's own text calls take five times as long, most of it to look up each character again and to write numbers;
here both are done once. Everything is counted in hundredths of a point, which are finer than any printer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

POINT = 100
"""An inch has 72 points."""
Segment = tuple[int, int, int, int]
"""x and y of both ends, from the left and from below."""


class _Glyph(NamedTuple):
    """A character in the embedded font: which of its parts, the byte there as hex, and the width at size 1000."""

    subset: int
    code: str
    width: int


class Ink:
    """Draws on one canvas with one font. Colours (`0.75 0 0`: red, green, blue) and fonts are set where they change."""

    def __init__(self, canvas: Any, font: str) -> None:
        """Take reportlab's canvas and the name of a registered font."""
        from reportlab.pdfbase import pdfmetrics

        self._canvas = canvas
        self._font: Any = pdfmetrics.getFont(font)
        self._glyphs: dict[str, _Glyph] = {}
        self._names: dict[int, str] = {}
        self._state: tuple[int, int] | None = None
        self._colour = ""
        self._texts: list[str] = []

    def width(self, text: str, size: int) -> int:
        """Return how wide a text is."""
        glyphs = self._glyphs
        try:
            return sum([glyphs[character].width for character in text]) * size // 1000
        except KeyError:
            self._learn(text)
            return self.width(text, size)

    def text(self, text: str, x: int, y: int, size: int, colour: str) -> None:
        """Write a text from a point to the right; `flush` puts it on the page."""
        operators = self._texts
        if colour != self._colour:
            self._colour = colour
            operators.append(f"{colour} rg")
        operators.append(f"1 0 0 1 {_points(x)} {_points(y)} Tm")
        try:
            glyphs = [self._glyphs[character] for character in text]
        except KeyError:
            self._learn(text)
            glyphs = [self._glyphs[character] for character in text]
        run: list[str] = []
        for glyph in glyphs:
            if self._state != (glyph.subset, size):
                if run:
                    operators.append(f"<{''.join(run)}> Tj")
                    run = []
                self._state = (glyph.subset, size)
                operators.append(f"{self._name(glyph.subset)} {_points(size)} Tf")
            run.append(glyph.code)
        if run:
            operators.append(f"<{''.join(run)}> Tj")

    def right(self, text: str, x: int, y: int, size: int, colour: str) -> None:
        """Write a text that ends at a point."""
        self.text(text, x - self.width(text, size), y, size, colour)

    def centre(self, text: str, x: int, y: int, size: int, colour: str) -> None:
        """Write a text on both sides of a point."""
        self.text(text, x - self.width(text, size) // 2, y, size, colour)

    def lines(self, segments: Iterable[Segment], width: int, colour: str) -> None:
        """Draw some lines of one width and colour."""
        drawn = [f"{_points(a)} {_points(b)} m {_points(c)} {_points(d)} l" for a, b, c, d in segments]
        if drawn:
            self._canvas.addLiteral(f"{colour} RG {_points(width)} w {' '.join(drawn)} S")

    def flush(self) -> None:
        """Put the texts written so far on the page; before it is shown, and before a form begins or ends."""
        if self._texts:
            self._canvas.addLiteral("q BT\n" + "\n".join(self._texts) + "\nET Q")
        self._texts, self._state, self._colour = [], None, ""

    def _learn(self, text: str) -> None:
        for character in text:
            if character not in self._glyphs:
                ((subset, code),) = self._font.splitString(character, self._canvas._doc)  # noqa: SLF001  # no other way in
                self._glyphs[character] = _Glyph(subset, code.hex(), round(self._font.stringWidth(character, 1000)))

    def _name(self, subset: int) -> str:
        if subset not in self._names:
            self._names[subset] = self._font.getSubsetInternalName(subset, self._canvas._doc)  # noqa: SLF001  # as above
        return self._names[subset]


def _points(hundredths: int) -> str:
    return f"{hundredths // POINT}.{hundredths % POINT:02}" if hundredths % POINT else str(hundredths // POINT)
