"""Tells whether a text stands in a picture, drawn with the characters of a known font.

The text is drawn by FreeType with the same font and laid over every place of the region where it has to stand, first
ink over ink, quickly, then at the likeliest places grey over grey. Programs smooth edges differently, so the likeness
is high but never 1; other characters of the same font come to much less, and empty boxes to next to nothing.
"""

from __future__ import annotations

import functools
import heapq
import math
import operator
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

FONT = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
CANDIDATES = 30
INK = 0.68
"""What is darker than this share of the paper's light is ink."""


class Found(NamedTuple):
    """The place most like the text: likeness from 0 to 1, left upper corner in the picture, height of the font."""

    likeness: float
    x: int
    y: int
    size_px: int


class Region(NamedTuple):
    """Where a text has to stand, as shares of the picture's width and height."""

    left: float
    top: float
    right: float
    bottom: float


def find_text(picture: Image.Image, text: str, region: Region, sizes_px: Sequence[int]) -> Found:
    """Return the best place for a text in a region of a picture.

    Args:
        picture: a window, without what is around it.
        text: the characters.
        region: where they have to stand, dark on light.
        sizes_px: heights of the font to try.
    """
    width, height = picture.size
    left, top = int(region.left * width), int(region.top * height)
    grey = picture.convert("L").crop((left, top, int(region.right * width), int(region.bottom * height)))
    rows = _ink(grey)
    best = Found(0.0, 0, 0, 0)
    for size in sizes_px:
        pattern = _drawn(text, size)
        letters = [_without_long_lines(row, pattern.height * 3 // 2) for row in rows]
        for _, x, y in heapq.nlargest(CANDIDATES, _places(letters, grey.width, _ink(pattern), pattern.width)):
            likeness = _correlation(grey.crop((x, y, x + pattern.width, y + pattern.height)), pattern)
            if likeness > best.likeness:
                best = Found(likeness, left + x, top + y, size)
    return best


def _drawn(text: str, size_px: int) -> Image.Image:
    """Return a text drawn black on white, cut to its ink."""
    font = ImageFont.truetype(str(FONT), size_px)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(text))
    picture = Image.new("L", (right - left + 4, bottom - top + 4), 255)
    ImageDraw.Draw(picture).text((2 - left, 2 - top), text, font=font, fill=0)
    return picture.crop(picture.point(lambda light: 255 if light < 255 * INK else 0).getbbox())


def _ink(picture: Image.Image) -> list[int]:
    """Return a grey picture as one number a row, with a bit for each pixel clearly darker than the paper.

    Small letters are drawn thin and grey; half of the paper's light would leave little of them.
    """
    paper = int(picture.getextrema()[1])  # type: ignore[arg-type]
    data, width = picture.tobytes(), picture.width
    rows = (data[at : at + width] for at in range(0, len(data), width))
    return [int("".join("1" if light < paper * INK else "0" for light in row), 2) for row in rows]


def _without_long_lines(row: int, length: int) -> int:
    """Take what is longer than a letter's stroke out of a row: frames, and buttons that are dark as a whole."""
    core = row
    for _ in range(length):
        core &= core >> 1
    for _ in range(length):
        core |= core << 1
    return row & ~core


def _places(ink: list[int], width: int, pattern: list[int], pattern_width: int) -> Iterator[tuple[float, int, int]]:
    """Yield the share of common ink (Dice's coefficient) of the pattern at every place that is not mostly otherwise.

    The pattern's richest row is compared first, with the row and its neighbours: where less than two fifths of it is
    there, the rest is not looked at.
    """
    of_pattern = sum(row.bit_count() for row in pattern)
    richest = max(range(len(pattern)), key=lambda number: pattern[number].bit_count())
    row, enough = pattern[richest], pattern[richest].bit_count() * 2 // 5
    mask = (1 << pattern_width) - 1
    for y in range(len(ink) - len(pattern) + 1):
        near = ink[max(y + richest - 1, 0) : y + richest + 2]
        line = functools.reduce(operator.or_, near)
        if line.bit_count() < enough:
            continue
        for shift in range(width - pattern_width + 1):
            if ((line >> shift) & row).bit_count() < enough:
                continue
            there = [other >> shift & mask for other in ink[y : y + len(pattern)]]
            of_ink = sum(other.bit_count() for other in there)
            if of_ink > 2 * of_pattern:  # a dark area, not letters
                continue
            both = sum((one & other).bit_count() for one, other in zip(there, pattern, strict=True))
            yield 2 * both / (of_ink + of_pattern), width - pattern_width - shift, y


def _correlation(one: Image.Image, other: Image.Image) -> float:
    """Return Pearson's correlation of two grey pictures of one size."""
    first, second = list(one.tobytes()), list(other.tobytes())
    mean_1, mean_2 = sum(first) / len(first), sum(second) / len(second)
    both = sum((a - mean_1) * (b - mean_2) for a, b in zip(first, second, strict=True))
    spread = sum((a - mean_1) ** 2 for a in first) * sum((b - mean_2) ** 2 for b in second)
    return both / math.sqrt(spread) if spread else 0.0
