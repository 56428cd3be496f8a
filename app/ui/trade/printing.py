"""The way from the pages of sales and purchases to the printing dialog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt5.QtWidgets import QWidget

if TYPE_CHECKING:
    from app.contract.document_printing import PrintSource


def print_papers(parent: QWidget, source: PrintSource, ids: Sequence[int], *, may_edit: bool = False) -> None:
    """Open the printing dialog for documents or payments; `may_edit` offers the book's texts on them, too."""
    from app.ui.printing.document_print_dialog import DocumentPrintDialog

    DocumentPrintDialog(parent, source, ids, may_edit=may_edit).open()
