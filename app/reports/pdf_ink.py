"""Text and lines on a PDF canvas, written as the operators themselves: a book of 500 pages has 200,000 cells.

reportlab's own text calls take five times as long, most of it to look up each character again and to write numbers;
here both are done once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

Colour = tuple[float, float, float]
Segment = tuple[float, float, float, float]
"""x and y of both ends, in points from below and left."""


class _Glyph(NamedTuple):
    """A character in the embedded font: which of its parts, the byte there as hex, and the width at size 1000."""

    subset: int
    code: str
    width: float


class Ink:
    """Draws on one canvas with one font. Colours and fonts are set only where they change."""

    def __init__(self, canvas: Any, font: str) -> None:
        """Take reportlab's canvas and the name of a registered font."""
        from reportlab.pdfbase import pdfmetrics

        self._canvas = canvas
        self._font: Any = pdfmetrics.getFont(font)
        self._glyphs: dict[str, _Glyph] = {}
        self._names: dict[int, str] = {}
        self._state: tuple[int, float] | None = None
        self._colour: Colour | None = None
        self._texts: list[str] = []

    def width(self, text: str, size: float) -> float:
        """Return how wide a text is in points."""
        glyphs = self._glyphs
        try:
            return sum([glyphs[character].width for character in text]) * size / 1000
        except KeyError:
            self._learn(text)
            return self.width(text, size)

    def text(self, text: str, x: float, y: float, size: float, colour: Colour) -> None:
        """Write a text from a point to the right; `flush` puts it on the page."""
        operators = self._texts
        if colour != self._colour:
            self._colour = colour
            operators.append(f"{_numbers(*colour)} rg")
        # hundredths of a point are finer than any printer
        operators.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")
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
                operators.append(f"{self._name(glyph.subset)} {size:g} Tf")
            run.append(glyph.code)
        if run:
            operators.append(f"<{''.join(run)}> Tj")

    def right(self, text: str, x: float, y: float, size: float, colour: Colour) -> None:
        """Write a text that ends at a point."""
        self.text(text, x - self.width(text, size), y, size, colour)

    def centre(self, text: str, x: float, y: float, size: float, colour: Colour) -> None:
        """Write a text on both sides of a point."""
        self.text(text, x - self.width(text, size) / 2, y, size, colour)

    def lines(self, segments: Iterable[Segment], width: float, colour: Colour) -> None:
        """Draw some lines of one width and colour."""
        drawn = [f"{x1:g} {y1:g} m {x2:g} {y2:g} l" for x1, y1, x2, y2 in segments]
        if drawn:
            self._canvas.addLiteral(f"{_numbers(*colour)} RG {width:g} w {' '.join(drawn)} S")

    def flush(self) -> None:
        """Put the texts written so far on the page; before it is shown, and before a form begins or ends."""
        if self._texts:
            self._canvas.addLiteral("q BT\n" + "\n".join(self._texts) + "\nET Q")
        self._texts = []
        self._state = self._colour = None

    def _learn(self, text: str) -> None:
        for character in text:
            if character not in self._glyphs:
                ((subset, code),) = self._font.splitString(character, self._canvas._doc)  # noqa: SLF001  # no other way in
                self._glyphs[character] = _Glyph(subset, code.hex(), float(self._font.stringWidth(character, 1000)))

    def _name(self, subset: int) -> str:
        if subset not in self._names:
            self._names[subset] = self._font.getSubsetInternalName(subset, self._canvas._doc)  # noqa: SLF001  # as above
        return self._names[subset]


def _numbers(*values: float) -> str:
    return " ".join(f"{value:g}" for value in values)
