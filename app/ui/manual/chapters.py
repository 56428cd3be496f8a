"""The manual's chapters, read from `resources/manual/`: one Markdown file each, in the order of their names.

The first line of a file may say which pages of the window it explains (`<!-- pages: voucher, vouchers -->`); then
comes its heading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from app.resources import resource_path

_PAGES = re.compile(r"^<!--\s*pages:\s*([\w, -]*)-->\s*\n")
_HEADING = re.compile(r"^#\s+(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Chapter:
    """A chapter: its title, its text in Markdown, and the keys of the pages it explains."""

    title: str
    text: str
    pages: frozenset[str]


def manual_folder() -> Path:
    """Return where the manual and its pictures lie."""
    return resource_path("manual")


def read_chapters() -> list[Chapter]:
    """Return all chapters in order."""
    return [read_chapter(path) for path in sorted(manual_folder().glob("*.md"))]


def read_chapter(path: Path) -> Chapter:
    """Read one chapter."""
    text = path.read_text(encoding="utf-8")
    pages = frozenset[str]()
    found = _PAGES.match(text)
    if found is not None:
        pages = frozenset(key.strip() for key in found[1].split(",") if key.strip())
        text = text[found.end() :]
    heading = _HEADING.search(text)
    return Chapter(heading[1].strip() if heading else path.stem, text, pages)


def chapter_for(chapters: list[Chapter], page: str) -> int:
    """Return the place of the chapter that explains a page, or of the first."""
    return next((place for place, chapter in enumerate(chapters) if page in chapter.pages), 0)
