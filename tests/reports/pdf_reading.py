"""What stands where on the pages of a PDF of ours, without another library: enough of the format to look at our own."""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple


class Word(NamedTuple):
    """A text drawn at once: points from the left and from below, size of the type, whether it is red."""

    x: float
    y: float
    size: float
    is_red: bool
    text: str


class PdfPages:
    """The pages of a document in order."""

    def __init__(self, data: bytes) -> None:
        """Read the objects of a document."""
        self._objects = {
            int(found[1]): found[2] for found in re.finditer(rb"(\d+) 0 obj\s(.*?)\sendobj", data, re.DOTALL)
        }
        self._fonts: dict[str, dict[int, str]] = {}
        tree = next(body for body in self._objects.values() if b"/Type /Pages" in body)
        kids = re.search(rb"/Kids \[(.*?)\]", tree, re.DOTALL)
        assert kids is not None
        self._numbers = [int(number) for number in re.findall(rb"(\d+) 0 R", kids[1])]
        self.sizes = [self._size(self._objects[number]) for number in self._numbers]

    def __len__(self) -> int:
        """Return how many pages there are."""
        return len(self._numbers)

    def words(self, page: int) -> list[Word]:
        """Return the texts of a page (from 0) in the order in which they were drawn, forms included."""
        body = self._objects[self._numbers[page]]
        contents = re.search(rb"/Contents (\d+) 0 R", body)
        assert contents is not None
        return self._words(self._stream(int(contents[1])), self._fonts_of(body))

    def rows(self, page: int) -> list[list[str]]:
        """Return the texts of a page line by line from above, each line from the left."""
        lines: dict[float, list[Word]] = {}
        for word in self.words(page):
            lines.setdefault(word.y, []).append(word)
        return [[word.text for word in sorted(lines[y])] for y in sorted(lines, reverse=True)]

    def drawing(self, page: int) -> list[str]:
        """Return a page's operators that draw lines."""
        contents = re.search(rb"/Contents (\d+) 0 R", self._objects[self._numbers[page]])
        assert contents is not None
        return [line for line in self._stream(int(contents[1])).splitlines() if line.endswith(" S")]

    @staticmethod
    def _size(body: bytes) -> tuple[int, int]:
        box = re.search(rb"/MediaBox \[\s*0 0 (\d+)[.\d]* (\d+)[.\d]*\s*\]", body)
        assert box is not None
        return int(box[1]), int(box[2])

    def _stream(self, number: int) -> str:
        body = self._objects[number]
        data = body[body.index(b"stream") + len(b"stream") : body.rindex(b"endstream")].strip(b"\r\n")
        return (zlib.decompress(data) if b"/FlateDecode" in body else data).decode("latin-1")

    def _fonts_of(self, body: bytes) -> dict[str, dict[int, str]]:
        named = re.search(rb"/Font (\d+) 0 R", body)
        fonts = self._objects[int(named[1])] if named else body
        return {
            name.decode(): self._letters(int(number)) for name, number in re.findall(rb"/(F\d+\+\d+) (\d+) 0 R", fonts)
        }

    def _letters(self, number: int) -> dict[int, str]:
        """Return which character each byte of a font's part stands for."""
        table = re.search(rb"/ToUnicode (\d+) 0 R", self._objects[number])
        assert table is not None
        text = self._stream(int(table[1]))
        letters: dict[int, str] = {}
        for first, codes in re.findall(r"<([0-9A-Fa-f]{2})> <[0-9A-Fa-f]{2}> \[(.*?)\]", text, re.DOTALL):
            for place, code in enumerate(re.findall(r"<([0-9A-Fa-f]+)>", codes)):
                letters[int(first, 16) + place] = bytes.fromhex(code).decode("utf-16-be")
        for code, letter in re.findall(r"^<([0-9A-Fa-f]{2})> <([0-9A-Fa-f]{4})>$", text, re.MULTILINE):
            letters[int(code, 16)] = bytes.fromhex(letter).decode("utf-16-be")
        return letters

    def _words(self, content: str, fonts: dict[str, dict[int, str]]) -> list[Word]:
        words: list[Word] = []
        letters: dict[int, str] = {}
        x = y = size = 0.0
        is_red, begins = False, True
        for line in content.splitlines():
            if form := re.fullmatch(r"/(\S+) Do", line.strip()):
                words += self._form(form[1])
            elif colour := re.fullmatch(r"(\S+) (\S+) (\S+) rg", line):
                is_red = colour.groups() == ("0.75", "0", "0")
            elif place := re.fullmatch(r"1 0 0 1 (\S+) (\S+) Tm", line):
                x, y, begins = float(place[1]), float(place[2]), True
            elif font := re.fullmatch(r"/(\S+) (\S+) Tf", line):
                letters, size = fonts[font[1]], float(font[2])
            elif shown := re.fullmatch(r"<(\w+)> Tj", line):
                text = "".join(letters[code] for code in bytes.fromhex(shown[1]))
                if begins:
                    words.append(Word(x, y, size, is_red, text))
                else:
                    words[-1] = words[-1]._replace(text=words[-1].text + text)
                begins = False
        return words

    def _form(self, name: str) -> list[Word]:
        for number, body in self._objects.items():
            if b"/Subtype /Form" in body and f"/Name /{name}".encode() in body:
                return self._words(self._stream(number), self._fonts_of(body))
        for body in self._objects.values():
            found = re.search(rf"/{re.escape(name)} (\d+) 0 R".encode(), body)
            if found:
                number = int(found[1])
                return self._words(self._stream(number), self._fonts_of(self._objects[number]))
        raise AssertionError(f"no form {name}")
