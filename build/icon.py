"""The program's icon as Windows wants it, drawn from resources/icons/app.svg in the sizes Explorer shows.

    .venv/bin/python build/icon.py        writes build/windows/zhangfang.ico

The result is kept with the sources, so that a build does not depend on how a machine draws; a test compares it with the
picture.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "resources" / "icons" / "app.svg"
ICON = ROOT / "build" / "windows" / "zhangfang.ico"
SIZES = (16, 20, 24, 32, 40, 48, 64, 256)  # 16 to 64 at 100 to 200 per cent; Explorer makes all larger ones from 256
LARGEST_PLAIN = 64  # larger pictures are kept as PNG, which Windows reads for these only


def draw(source: Path, size: int) -> tuple[bytes, bytes]:
    """Return a picture of an SVG file, `size` pixels square: as rows of BGRA bytes from the top, and as PNG.

    It needs a QGuiApplication.
    """
    from PyQt5.QtCore import QBuffer, QByteArray, QIODevice, Qt
    from PyQt5.QtGui import QImage, QPainter
    from PyQt5.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(source)).render(painter)
    painter.end()
    plain = image.convertToFormat(QImage.Format.Format_ARGB32)
    bits = plain.constBits()
    assert bits is not None  # noqa: S101 - an image of this size always has some
    array = QByteArray()
    buffer = QBuffer(array)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    plain.save(buffer, "PNG")
    return bytes(bits.asarray(plain.sizeInBytes())), bytes(array)


def icon_file(pictures: dict[int, tuple[bytes, bytes]]) -> bytes:
    """Return an .ico file of pictures by their size, each as `draw` returns them."""
    contents: list[tuple[int, bytes]] = []
    for size, (rows, png) in sorted(pictures.items()):
        contents.append((size, png if size > LARGEST_PLAIN else _plain(size, rows)))
    head = struct.pack("<HHH", 0, 1, len(contents))
    place = len(head) + 16 * len(contents)
    entries = b""
    for size, content in contents:
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(content), place)
        place += len(content)
    return head + entries + b"".join(content for _, content in contents)


def read_icon(content: bytes) -> dict[int, bytes]:
    """Return the pictures of an .ico file as they lie in it, by size."""
    _, _, count = struct.unpack_from("<HHH", content)
    pictures: dict[int, bytes] = {}
    for number in range(count):
        width, _, _, _, _, _, length, place = struct.unpack_from("<BBBBHHII", content, 6 + 16 * number)
        pictures[width or 256] = content[place : place + length]
    return pictures


def _plain(size: int, rows: bytes) -> bytes:
    """Return a picture as a bitmap without file header, lowest row first, with the empty mask that must follow."""
    header = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, len(rows), 0, 0, 0, 0)
    width = 4 * size
    upside_down = b"".join(rows[start : start + width] for start in range(len(rows) - width, -1, -width))
    mask_row = -(-size // 32) * 4
    return header + upside_down + bytes(mask_row * size)


if __name__ == "__main__":
    from PyQt5.QtGui import QGuiApplication

    application = QGuiApplication(["icon", "-platform", "offscreen"])
    ICON.write_bytes(icon_file({size: draw(SOURCE, size) for size in SIZES}))
    sys.stdout.write(f"{ICON}: {ICON.stat().st_size} bytes\n")
