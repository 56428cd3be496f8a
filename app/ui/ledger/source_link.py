"""The way from a voucher back to the document that made it."""

from __future__ import annotations

import html
from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel, QWidget

from app.contract.ledger import Voucher
from app.contract.stock import DocumentLink
from app.kernel.errors import ZhangfangError
from app.ui.language import tr
from app.ui.navigation import Target, document_target
from app.ui.tasks import Query

MADE_BY_DOCUMENTS = ("inventory:", "orders:")
"""How the origin of such vouchers begins."""


class SourceLink(QLabel):
    """Shown where a voucher was made by a document; a click opens it."""

    def __init__(self, open_target: Callable[[Target], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._open_target = open_target
        self._document: DocumentLink | None = None
        self.setTextFormat(Qt.TextFormat.RichText)
        self.linkActivated.connect(self._follow)
        self.hide()

    def show_voucher(self, voucher: Voucher | None) -> None:
        """Ask for the document of a voucher, where it has one."""
        self._known(None)
        if voucher is not None and voucher.origin.startswith(MADE_BY_DOCUMENTS):
            Query(lambda api: api.document_of_voucher(voucher.id)).slot("source").on_done(self._known).on_error(
                self._unknown
            ).run(self)

    def retranslate(self) -> None:
        """Set the text in the window's language."""
        self._show()

    def _known(self, document: DocumentLink | None) -> None:
        self._document = document
        self._show()

    def _unknown(self, _error: ZhangfangError) -> None:
        # The voucher is here and can be read; that its document cannot be named is no reason to stop anybody.
        self._known(None)

    def _show(self) -> None:
        document = self._document
        link = f'<a href="document">{html.escape(document.number)}</a>' if document is not None else ""
        self.setText(tr("来源单据：{document}", document=link) if link else "")
        self.setVisible(bool(link))

    def _follow(self, _link: str) -> None:
        document = self._document
        target = document_target(document.kind, document.id) if document is not None else None
        if target is not None:
            self._open_target(target)
