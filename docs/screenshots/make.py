"""Take pictures of every page of the running window: light and dark, Chinese and English.

    .venv/bin/python docs/screenshots/make.py [--out FOLDER] [--only PART-OF-NAME] [--zoom PERCENT]

Needs Xvfb (`python3 dev.py test` installs it) and makes its own screen, so that the pictures are the same everywhere.
The book is made up by `sample_book.py`, filled over HTTP, and shown by the program itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PyQt5.QtGui import QImage, QPixmap

    from app.ui.shell import Shell

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SCREEN = (1440, 900)
WINDOW = (1320, 820)
MANUAL = ROOT / "resources" / "manual" / "pictures"
IN_MANUAL = (
    "voucher",
    "vouchers",
    "opening",
    "books",
    "statements",
    "assets",
    "closing",
    "doctor",
    "print",
    "stock",
    "stock-document",
    "sales",
    "sales-document",
    "collections",
)
MANUAL_WIDTH = 900
INSIDE = "ZHANGFANG_PICTURES_INSIDE"


def main() -> int:
    """Start a screen of our own, then take the pictures in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--only", default="")
    parser.add_argument("--zoom", type=int, default=100)
    arguments = parser.parse_args()
    if INSIDE not in os.environ:
        screen = shutil.which("xvfb-run")
        if screen is None:
            sys.stderr.write("xvfb-run is missing: sudo apt-get install xvfb xauth\n")
            return 1
        size = f"-screen 0 {SCREEN[0]}x{SCREEN[1]}x24"
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o700)
            environment = {**os.environ, INSIDE: "1", "XDG_RUNTIME_DIR": folder, "ZHANGFANG_DATA_DIR": folder}
            return subprocess.run(
                [screen, "-a", "-s", size, sys.executable, *sys.argv], env=environment, check=False
            ).returncode
    sys.path[:0] = [str(ROOT), str(HERE)]
    with tempfile.TemporaryDirectory() as folder:
        return take_pictures(Path(folder), arguments.out, arguments.only, arguments.zoom)


def take_pictures(folder: Path, out: Path, only: str, zoom: int) -> int:
    """Make the books, show the window and photograph it; return the exit code."""
    from sample_book import make_sample_book, make_team_book

    from app.bootstrap import Runtime
    from app.settings import Settings
    from app.ui.running import run_window
    from app.ui.runtime import WindowArguments

    out.mkdir(parents=True, exist_ok=True)
    runtime = Runtime(Settings(language="zh", theme="light", window={"zoom": str(zoom)}))
    book, team = folder / "青禾商贸.zhangfang", folder / "青禾集团.zhangfang"
    make_sample_book(runtime, book)
    make_team_book(runtime, team)
    runtime.change_settings(
        replace(
            runtime.settings,
            recent_books=(str(book), "mysql://wang@192.168.1.10:3306/qinghe", str(folder / "我家.zhangfang")),
        )
    )

    def begin(shell: Shell) -> None:
        shell.window.resize(*WINDOW)
        shell.window.move(30, 30)
        photographers.append(Photographer(shell, out, only))
        photographers[0].run(tour(shell, photographers[0], book, team))

    photographers: list[Photographer] = []
    code = run_window(runtime, WindowArguments(), on_painted=begin)
    return code if photographers and photographers[0].finished and photographers[0].taken else 1


class Photographer:
    """Walks through a tour: after each step it waits until the window is at rest."""

    def __init__(self, shell: Shell, out: Path, only: str) -> None:
        from PyQt5.QtCore import QTimer

        self._shell, self._out, self._only = shell, out, only
        self._tour: Iterator[None] = iter(())
        self._quiet = 0
        self._timer = QTimer(shell)
        self._timer.setInterval(70)
        self._timer.timeout.connect(self._tick)
        self.taken = 0
        self.finished = False

    def run(self, tour: Iterator[None]) -> None:
        """Begin a tour."""
        self._tour = tour
        self._timer.start()

    def shoot(self, name: str) -> None:
        """Save what the screen shows where the window is. Raises `OSError`."""
        settings = self._shell.settings
        path = self._out / f"{name}-{settings.language}-{settings.theme}.png"
        if self._only and self._only not in path.name:
            return
        window = self._shell.window
        place = window.frameGeometry()
        picture = window.screen().grabWindow(0, place.x(), place.y(), place.width(), place.height())
        if not with_few_colours(picture.toImage()).save(str(path), "PNG", 0):  # 0: as small as it gets
            raise OSError(f"could not save {path}")
        if name in IN_MANUAL and (settings.language, settings.theme) == ("zh", "light") and self._out == HERE:
            self._shoot_for_manual(picture, name)
        self.taken += 1
        sys.stdout.write(f"{path.name}\n")

    def _shoot_for_manual(self, picture: QPixmap, name: str) -> None:
        """Keep a smaller picture for the manual, which every download carries."""
        from PyQt5.QtCore import Qt

        MANUAL.mkdir(parents=True, exist_ok=True)
        small = picture.toImage().scaledToWidth(MANUAL_WIDTH, Qt.TransformationMode.SmoothTransformation)
        if not with_few_colours(small).save(str(MANUAL / f"{name}.png"), "PNG", 0):
            raise OSError(f"could not save the manual's picture of {name}")

    def _tick(self) -> None:
        self._quiet = 0 if self._shell.tasks.is_busy else self._quiet + 1
        if self._quiet < 4:
            return
        self._quiet = 0
        try:
            next(self._tour)
        except StopIteration:
            self._timer.stop()
            self.finished = True
            self._shell.window.allow_close()
        except BaseException:
            self._timer.stop()
            self._shell.window.allow_close()
            raise


def with_few_colours(picture: QImage) -> QImage:
    """Return a picture in 256 of its own colours: nobody sees the difference, and it is a third of the size.

    Half of them are the most frequent ones; the others are the most frequent of their neighbourhood, so that a single
    red figure stays red.
    """
    from PyQt5.QtCore import Qt
    from PyQt5.QtGui import QImage

    full = picture.convertToFormat(QImage.Format.Format_RGB32)
    bits = full.constBits()
    bits.setsize(full.sizeInBytes())
    ranked = [colour for colour, _ in Counter(memoryview(bits).cast("I")).most_common()]
    kept = dict.fromkeys(ranked[:128])
    seen = {colour & 0xE0E0E0 for colour in kept}
    for colour in ranked[128:]:
        if len(kept) < 256 and colour & 0xE0E0E0 not in seen:
            seen.add(colour & 0xE0E0E0)
            kept[colour] = None
    for colour in ranked[128:]:
        if len(kept) < 256:
            kept[colour] = None
    return full.convertToFormat(QImage.Format.Format_Indexed8, list(kept), Qt.ImageConversionFlag.ThresholdDither)


def tour(shell: Shell, photographer: Photographer, book: Path, team: Path) -> Iterator[None]:
    """Go through all pages in all looks; each `yield` lets the window come to rest."""
    looks = [(language, theme) for language in ("zh", "en") for theme in ("light", "dark")]
    for language, theme in looks:
        shell.change_settings(replace(shell.settings, language=language, theme=theme))
        yield
        yield from start_pictures(shell, photographer)
    shell.open_address(str(book))
    yield
    for language, theme in looks:
        shell.change_settings(replace(shell.settings, language=language, theme=theme))
        yield
        yield from page_pictures(shell, photographer)
    shell.open_address(str(team))
    yield
    for language, theme in looks:
        shell.change_settings(replace(shell.settings, language=language, theme=theme))
        yield
        photographer.shoot("login")


def start_pictures(shell: Shell, photographer: Photographer) -> Iterator[None]:
    """Photograph the start page and its dialogs."""
    from PyQt5.QtWidgets import QApplication, QDialog, QLineEdit

    photographer.shoot("start")
    for name, action in (("new-book", shell.new_book), ("connect", shell.connect_server)):
        action()
        yield
        dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
        for dialog in dialogs:
            for field in dialog.findChildren(QLineEdit)[:1]:
                if name == "new-book":
                    field.setText("青禾商贸" if shell.settings.language == "zh" else "Green Shoots Trading")
        yield
        photographer.shoot(name)
        for dialog in dialogs:
            dialog.reject()
        yield


def page_pictures(shell: Shell, photographer: Photographer) -> Iterator[None]:
    """Photograph every page of the open book, and the search over it."""
    from PyQt5.QtWidgets import QApplication
    from sample_trade import DRAFT_COLLECTION, INVOICE, ORDER

    from app.ui.ledger.print_dialog import PrintDialog
    from app.ui.manual.manual_window import ManualWindow
    from app.ui.navigation import (
        OpenBook,
        OpenClosing,
        OpenCollection,
        OpenEntries,
        OpenPurchase,
        OpenSale,
        OpenStatement,
        OpenStockCard,
        OpenStockDocument,
        OpenTrialBalance,
        OpenVoucher,
    )
    from app.ui.search_palette import SearchPalette

    workspace = shell.workspace
    if workspace is None:
        raise RuntimeError("the book did not open")
    targets = {
        "entries": OpenEntries("1002", "2026-01", "2026-03"),
        "voucher": OpenVoucher(2),
        "books": OpenBook("multi-column", "2026-01", "2026-09", "5602"),
        "statements": OpenStatement("balance-sheet", "2026-09", "2026-09"),
        "closing": OpenClosing("2026-10"),
        "trial-balance": OpenTrialBalance("2026-01", "2026-09"),
        "stock-card": OpenStockCard(2, from_date="2026-10-01", to_date="2026-11-30"),
        "stock-document": OpenStockDocument(6),
        "sales-document": OpenSale(ORDER),
        "purchase-document": OpenPurchase(INVOICE),
        "collections": OpenCollection(DRAFT_COLLECTION),
    }
    for entry in workspace.entries:
        if entry.key in targets:
            workspace.open_target(targets[entry.key])
        else:
            workspace.show_page(entry.key)
        yield
        photographer.shoot(entry.key)
    workspace.show_page("vouchers")
    yield
    printing = PrintDialog(workspace, 202609)
    printing.resize(1000, 560)
    printing.open()
    yield
    photographer.shoot("print")
    printing.close()
    workspace.show_page("closing")
    shell.open_manual()
    yield
    for manual in shell.window.findChildren(ManualWindow):
        place = shell.window.geometry()
        manual.setGeometry(place.x() + 90, place.y() + 60, 1080, 700)
        yield
        photographer.shoot("manual")
        manual.close()
    yield
    shell.open_search()
    yield
    for palette in [w for w in QApplication.topLevelWidgets() if isinstance(w, SearchPalette) and w.isVisible()]:
        palette.type_text("yhck" if shell.settings.language == "zh" else "bank")
        # Its look-up waits a moment after the last key before it asks the server.
        yield
        yield
        photographer.shoot("search")
        palette.close()
    yield


if __name__ == "__main__":
    sys.exit(main())
