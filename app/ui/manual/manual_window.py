"""A window beside the work: chapters on the left, text and pictures on the right, words to look for above."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QSize, Qt, QUrl
from PyQt5.QtGui import (
    QDesktopServices,
    QFont,
    QImage,
    QKeySequence,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrame,
    QTextFrameFormat,
    QTextTable,
)
from PyQt5.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QShortcut,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.ui.language import tr
from app.ui.manual.chapters import Chapter, chapter_for, manual_folder, read_chapters

PICTURE = "\ufffc"
"""What stands in a text for a picture."""


class ManualText(QTextBrowser):
    """A chapter; pictures are as wide as the text at most."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setSearchPaths([str(manual_folder())])
        self._chapter: Chapter | None = None
        self._width = 0

    def show_chapter(self, chapter: Chapter) -> None:
        """Show a chapter from its beginning."""
        self._chapter = chapter
        self._lay_out()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _lay_out(self) -> None:
        if self._chapter is None:
            return
        self._width = self._room()
        # a document of its own for each: read into a used one, Markdown trips over the lists that were there
        document = QTextDocument(self)
        document.setDefaultFont(self.font())
        document.setMarkdown(self._chapter.text)
        _space_out(document, self.fontMetrics().height())
        self.setDocument(document)

    def _room(self) -> int:
        viewport = self.viewport()
        return max(200, (viewport.width() if viewport is not None else self.width()) - self.fontMetrics().height() * 2)

    def loadResource(self, kind: int, name: QUrl) -> Any:
        """Give a picture in the width there is."""
        found = super().loadResource(kind, name)
        if kind != QTextDocument.ResourceType.ImageResource or self._width <= 0:
            return found
        picture = QImage(str(manual_folder() / name.toString()))
        if picture.isNull():
            return found
        if picture.width() > self._width:
            return picture.scaledToWidth(self._width, Qt.TransformationMode.SmoothTransformation)
        return picture

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the pictures to the new width, and stay where the reader is."""
        super().resizeEvent(event)
        if self._chapter is not None and abs(self._room() - self._width) > 8:
            bar = self.verticalScrollBar()
            share = (bar.value(), max(1, bar.maximum())) if bar is not None else (0, 1)
            self._lay_out()
            if bar is not None:
                bar.setValue(share[0] * bar.maximum() // share[1])


def _space_out(document: QTextDocument, em: int) -> None:
    """Give paragraphs air and tables lines; Markdown says nothing of either."""
    document.setDocumentMargin(em)
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        shape = QTextBlockFormat()
        level = block.blockFormat().headingLevel()
        shape.setTopMargin(em * 3 // 4 if level else em // 4)
        shape.setBottomMargin(em // 4)
        if PICTURE not in block.text():  # a line as high as its picture would get a third of that as air
            shape.setLineHeight(135, QTextBlockFormat.LineHeightTypes.ProportionalHeight)
        cursor.mergeBlockFormat(shape)
        block = block.next()
    root = document.rootFrame()
    for frame in _frames_in(root) if root is not None else []:
        if isinstance(frame, QTextTable):
            table = frame.format().toTableFormat()
            table.setBorder(1)
            table.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            table.setBorderCollapse(True)
            table.setCellPadding(em // 3)
            table.setCellSpacing(0)
            frame.setFormat(table)
            _head_in_bold(frame)


def _frames_in(frame: QTextFrame) -> list[QTextFrame]:
    return [found for child in frame.childFrames() for found in (child, *_frames_in(child))]


def _head_in_bold(table: QTextTable) -> None:
    bold = QTextCharFormat()
    bold.setFontWeight(QFont.Weight.Bold)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        cursor = cell.firstCursorPosition()
        cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(bold)


class ManualWindow(QDialog):
    """The manual; it stays open beside the window and never holds it up."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.chapters = read_chapters()
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget(self)
        self.text = ManualText(self)
        splitter = QSplitter(self)
        side = QWidget(self)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        splitter.addWidget(side)
        splitter.addWidget(self.text)
        splitter.setStretchFactor(1, 1)
        layout = QHBoxLayout(self)
        layout.addWidget(splitter)
        self.list.addItems([chapter.title for chapter in self.chapters])
        self.list.currentRowChanged.connect(self._show)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._find_next)
        self.text.anchorClicked.connect(self._follow)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.search.setFocus)
        em = self.fontMetrics().height()
        splitter.setSizes([em * 12, em * 40])
        self.resize(QSize(em * 56, em * 38))
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        self.setWindowTitle(tr("使用手册"))
        self.search.setPlaceholderText(tr("在手册里查找"))
        self.list.setAccessibleName(tr("使用手册"))

    def show_page_help(self, page: str) -> None:
        """Show the chapter that explains a page of the window."""
        self.search.clear()
        self.list.setCurrentRow(chapter_for(self.chapters, page))

    def _show(self, place: int) -> None:
        if 0 <= place < len(self.chapters):
            self.text.show_chapter(self.chapters[place])
            if self.search.text():
                self.text.find(self.search.text())

    def _filter(self, words: str) -> None:
        """List the chapters that have the words only, and go to the first place."""
        wanted = words.strip().lower()
        first = -1
        for place, chapter in enumerate(self.chapters):
            hidden = bool(wanted) and wanted not in chapter.text.lower()
            self.list.setRowHidden(place, hidden)
            if not hidden and first < 0:
                first = place
        current = self.list.currentRow()
        if first >= 0 and (current < 0 or self.list.isRowHidden(current)):
            self.list.setCurrentRow(first)
        elif wanted:
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
            self.text.find(words.strip())

    def _find_next(self) -> None:
        """Go to the next place, and from the chapter's end into the next chapter that has the words."""
        words = self.search.text().strip()
        if not words or self.text.find(words):
            return
        shown = [place for place in range(len(self.chapters)) if not self.list.isRowHidden(place)]
        if shown:
            later = [place for place in shown if place > self.list.currentRow()]
            self.list.setCurrentRow((later or shown)[0])

    def _follow(self, link: QUrl) -> None:
        """Open another chapter (`05-….md`), or a page of the web in the browser."""
        if link.scheme() in {"http", "https"}:
            QDesktopServices.openUrl(link)
            return
        names = [path.name for path in sorted(manual_folder().glob("*.md"))]
        if link.path() in names:
            self.list.setCurrentRow(names.index(link.path()))
