"""Two versions of a stock document: what its page does when somebody else changes the one it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PyQt5.QtWidgets import QComboBox, QWidget

from app.contract.stock import StockDocument, StockDocumentInput
from app.contract.together import EditedObject
from app.ui.language import tr
from app.ui.presence.differences import Difference, field_differences, line_differences
from app.ui.stock.stock_columns import stock_columns
from app.ui.stock.stock_form import StockForm
from app.ui.stock.stock_line import Column
from app.ui.stock.stock_sheet import StockSheet
from app.ui.stock.stock_words import document_name
from app.ui.trade.line_versions import line_texts
from app.ui.widgets.meanwhile import Meanwhile, ShownVersions
from app.ui.widgets.meanwhile_bar import MeanwhileBar, changed_document, refused_document

COMPUTED = (Column.BOOK, Column.DIFFERENCE)


class StockDesk(Protocol):
    """What the page does for this."""

    form: StockForm

    def has_unsaved(self) -> bool:
        """Tell whether something was typed."""

    def show_document(self, document: StockDocument) -> None:
        """Show a stored document."""

    def keep(self, document: StockDocument | None) -> None:
        """Know a document as stored; what is shown and typed stays."""

    def save(self, *, then: Callable[[], None] | None = None) -> None:
        """Save what is typed."""


class StockVersions(ShownVersions[StockDocument]):
    """A `MeanwhileDesk` over the page of stock documents."""

    def __init__(self, desk: StockDesk) -> None:
        super().__init__(lambda: desk.form.sheet.stored, document_name, desk.has_unsaved)
        self._desk = desk

    def is_same(self, theirs: StockDocument) -> bool:
        """Tell whether a stored document holds what stands here."""
        return self._mine() == self._stored(theirs)

    def differences(self, theirs: StockDocument) -> list[Difference]:
        """Return which fields and lines differ."""
        stored = self._desk.form.sheet.stored
        was = self._stored(stored) if stored is not None else ({}, [])
        mine, other = self._mine(), self._stored(theirs)
        heads = field_differences(was[0], mine[0], other[0])
        return [*heads, *line_differences(was[1], mine[1], other[1])]

    def show_theirs(self, theirs: StockDocument) -> None:
        """Show a stored document; what was typed is dropped."""
        self._desk.show_document(theirs)

    def keep_over(self, theirs: StockDocument) -> None:
        """The next save replaces their version."""
        self._desk.keep(theirs)
        self._desk.form.grid.setFocus()

    def keep_as_new(self) -> None:
        """The next save makes a new one."""
        self._desk.keep(None)

    def settle(self, theirs: StockDocument) -> None:
        """What the server has is what stands here."""
        self._desk.show_document(theirs)

    def save(self) -> None:
        """Save what is typed."""
        self._desk.save()

    def _mine(self) -> tuple[dict[str, str], list[str]]:
        form = self._desk.form
        return self._head(form.head.to_input(form.sheet.kind, [], None)), _lines(form.sheet)

    def _stored(self, document: StockDocument) -> tuple[dict[str, str], list[str]]:
        return self._head(document), _lines(StockSheet(document.kind, document))

    def _head(self, document: StockDocument | StockDocumentInput) -> dict[str, str]:
        head = self._desk.form.head
        return {
            tr("日期"): document.date,
            tr("仓库"): _place(head.warehouse, document.warehouse_id),
            tr("调入仓库"): _place(head.to_warehouse, document.to_warehouse_id),
            tr("对方科目"): document.account_code,
            tr("辅助核算"): document.aux,
            tr("备注"): document.note,
        }


def watch_stock_document(page: QWidget, desk: StockDesk) -> Meanwhile[StockDocument]:
    """Return what watches over the document shown on a page."""
    bar: MeanwhileBar[StockDocument] = MeanwhileBar(page, refused_document, changed_document)
    versions = StockVersions(desk)
    return Meanwhile(
        page, versions, "stock_document", StockDocument, lambda api, number: api.get_stock_document(number), bar
    )


def edited_stock_document(page: QWidget, desk: StockDesk) -> list[EditedObject]:
    """Return the stored draft that is being changed: something is typed, or one of its cells is open in front."""
    sheet = desk.form.sheet
    if sheet.stored is None or not sheet.editable:
        return []
    is_open = desk.form.grid.editor is not None and page.isVisible()
    if not is_open and not desk.has_unsaved():
        return []
    return [EditedObject(kind="stock_document", id=sheet.stored.id, label=document_name(sheet.stored)[:60])]


def _place(box: QComboBox, warehouse_id: int | None) -> str:
    place = box.findData(warehouse_id)
    return box.itemText(place) if warehouse_id is not None and place >= 0 else ""


def _lines(sheet: StockSheet) -> list[str]:
    return line_texts(sheet, sheet.used, stock_columns(lambda: sheet.kind), COMPUTED)
