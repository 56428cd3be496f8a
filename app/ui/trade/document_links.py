"""The neighbours of a document as links: where it came from, what came of it, what settles it, its vouchers."""

from __future__ import annotations

import html

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtWidgets import QLabel, QWidget

from app.contract.orders import Document
from app.ui.language import tr
from app.ui.trade.words import kind_name


class LinkLine(QLabel):
    """Links to neighbours, each `kind:id`; hidden while there are none."""

    wanted = pyqtSignal(str, int)
    """Kind (`voucher` too) and id of a neighbour to open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.linkActivated.connect(self._follow)

    def show_links(self, text: str) -> None:
        """Show links as rich text."""
        self.setText(text)
        self.setVisible(bool(text))

    def changeEvent(self, event: QEvent | None) -> None:
        """Draw the links in the colours of another theme: a label keeps those its text was set with."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and self.text():
            text = self.text()
            self.clear()
            self.setText(text)

    def _follow(self, link: str) -> None:
        kind, _, number = link.partition(":")
        self.wanted.emit(kind, int(number))


def link_texts(stored: Document) -> str:
    """Return the document's neighbours, each a way to it."""
    titles = {
        "source": tr("来源："),
        "follower": tr("后续单据："),
        "counter": tr("冲销："),
        "settlement": tr("收付款："),
    }
    parts: list[str] = []
    for relation, title in titles.items():
        links = [
            f'<a href="{link.kind}:{link.id}">{html.escape(f"{kind_name(link.kind)} {link.number}")}</a>'
            for link in stored.links
            if link.relation == relation
        ]
        if links:
            parts.append(f"{html.escape(title)}{'、'.join(links)}")
    vouchers = [f'<a href="voucher:{v.voucher_id}">{html.escape(v.name)}</a>' for v in stored.vouchers]
    if vouchers:
        parts.append(f"{html.escape(tr('凭证：'))}{'、'.join(vouchers)}")
    return "　".join(parts)
