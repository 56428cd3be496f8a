"""The icon for Windows shows the program's picture in every size Explorer asks for."""

from __future__ import annotations

import os

import pytest
from PyQt5.QtGui import QImage
from PyQt5.QtWidgets import QApplication

import icon


@pytest.fixture(autouse=True, scope="session")
def runtime_dir(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Qt warns when there is no runtime folder of the user's, as on build machines."""
    folder = tmp_path_factory.mktemp("runtime")
    folder.chmod(0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))


def pixels(picture: QImage) -> bytes:
    plain = picture.convertToFormat(QImage.Format.Format_ARGB32)
    bits = plain.constBits()
    assert bits is not None
    return bytes(bits.asarray(plain.sizeInBytes()))


def test_it_has_every_size_once() -> None:
    assert tuple(icon.read_icon(icon.ICON.read_bytes())) == icon.SIZES


@pytest.mark.parametrize("size", icon.SIZES)
def test_each_size_shows_the_picture_it_was_drawn_from(qapp: QApplication, size: int) -> None:
    rows, png = icon.draw(icon.SOURCE, size)
    kept = icon.read_icon(icon.ICON.read_bytes())[size]
    if size > icon.LARGEST_PLAIN:
        there, drawn = pixels(QImage.fromData(kept)), pixels(QImage.fromData(png))
    else:
        there, drawn = kept, icon.read_icon(icon.icon_file({size: (rows, png)}))[size]
    assert len(there) == len(drawn)
    assert len(set(drawn)) > 3, "an empty picture would match an empty picture"
    # another version of Qt may round an edge differently
    apart = sum(abs(one - other) for one, other in zip(there, drawn, strict=True)) / len(drawn)
    assert apart < 2
