"""The list of pages at the left: headings and pages, drawn with room to breathe at any size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import QModelIndex, QRect, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFont, QIcon, QPainter, QPalette
from PyQt5.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui.icons import icon
from app.ui.page import PageEntry
from app.ui.page_groups import group_name

_KEY = Qt.ItemDataRole.UserRole


class NavigationList(QListWidget):
    """Lists pages under headings. The arrow keys walk through the pages, Enter goes into the one in front."""

    chosen = pyqtSignal(str)
    """The key of the page to show."""
    entered = pyqtSignal()
    """The page in front shall take the keyboard."""

    def __init__(self, entries: Sequence[PageEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("navigation")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setItemDelegate(_NavigationDelegate(self))
        self._titles: dict[str, Callable[[], str]] = {}
        self.list_entries(entries)
        self.currentItemChanged.connect(self._changed)
        self.itemActivated.connect(lambda _item: self.entered.emit())
        self.retranslate()

    def list_entries(self, entries: Sequence[PageEntry]) -> None:
        """List these pages in place of those before; `retranslate` gives them their texts."""
        self.blockSignals(True)
        self.clear()
        self._titles.clear()
        group = ""
        for entry in entries:
            if entry.group != group:
                group = entry.group
                heading = QListWidgetItem("")
                heading.setFlags(Qt.ItemFlags())
                heading.setData(_KEY, group)
                self.addItem(heading)
            item = QListWidgetItem(icon(entry.icon), "")
            item.setData(_KEY, entry.key)
            self.addItem(item)
            self._titles[entry.key] = entry.title
        self.blockSignals(False)

    def retranslate(self) -> None:
        """Set every text and the width that fits them."""
        em = self.fontMetrics().height()
        for place in range(self.count()):
            item = self.item(place)
            if item is not None:
                key = item.data(_KEY)
                item.setText(self._titles[key]() if key in self._titles else group_name(key))
        widest = max((self.fontMetrics().horizontalAdvance(title()) for title in self._titles.values()), default=0)
        self.setFixedWidth(max(widest + em * 5, em * 9))
        self.scheduleDelayedItemsLayout()

    def mark(self, key: str) -> None:
        """Show which page is in front, without asking for it."""
        for place in range(self.count()):
            item = self.item(place)
            if item is not None and item.data(_KEY) == key:
                self.blockSignals(True)
                self.setCurrentRow(place)
                self.blockSignals(False)

    def _changed(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(_KEY))


class _NavigationDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return a line's size: pages are higher than headings, and headings stand off from what is above."""
        em = option.fontMetrics.height()
        is_page = bool(index.flags() & Qt.ItemFlag.ItemIsSelectable)
        if is_page:
            return QSize(em * 6, em * 2)
        return QSize(em * 6, em * 2)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw a heading or a page."""
        if painter is None:
            return
        em = option.fontMetrics.height()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.flags() & Qt.ItemFlag.ItemIsSelectable:
            self._paint_page(painter, option, index, em)
        else:
            small = QFont(option.font)
            small.setPointSizeF(small.pointSizeF() * 0.9)
            painter.setFont(small)
            painter.setPen(option.palette.color(QPalette.ColorRole.Dark))
            place = option.rect.adjusted(em, 0, 0, -em // 4)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignBottom), index.data())
        painter.restore()

    def _paint_page(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex, em: int) -> None:
        pill = option.rect.adjusted(em // 2, em // 10, -em // 2, -em // 10)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        colour = option.palette.color(QPalette.ColorRole.WindowText)
        if selected or hovered:
            back = option.palette.color(QPalette.ColorRole.Highlight)
            if not selected:
                back = QColor(back)
                back.setAlphaF(0.45)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(back)
            painter.drawRoundedRect(pill, em * 0.3, em * 0.3)
        if selected:
            colour = option.palette.color(QPalette.ColorRole.HighlightedText)
            painter.setBrush(option.palette.color(QPalette.ColorRole.LinkVisited))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(
                QRect(pill.left(), pill.top() + em // 3, em // 6, pill.height() - em * 2 // 3), 2, 2
            )
        side = em * 6 // 5
        place = QRect(pill.left() + em // 2, pill.center().y() - side // 2 + 1, side, side)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QIcon):
            picture.paint(
                painter,
                place,
                Qt.Alignment(Qt.AlignmentFlag.AlignCenter),
                QIcon.Mode.Selected if selected else QIcon.Mode.Normal,
            )
        painter.setPen(colour)
        text = QRect(place.right() + em // 2, pill.top(), pill.right() - place.right() - em // 2, pill.height())
        painter.drawText(text, int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignVCenter), index.data())
