"""Two versions of a document of trade: what its page does when somebody else changes the one it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PyQt5.QtWidgets import QWidget

from app.contract.orders import Document
from app.contract.together import EditedObject
from app.ui.language import tr
from app.ui.presence.differences import Difference, field_differences, line_differences
from app.ui.trade import document_line as cell
from app.ui.trade.document_columns import document_columns
from app.ui.trade.document_form import DocumentForm
from app.ui.trade.document_sheet import DocumentSheet
from app.ui.trade.document_ways import document_name
from app.ui.trade.line_versions import line_texts
from app.ui.widgets.meanwhile import Meanwhile, ShownVersions
from app.ui.widgets.meanwhile_bar import MeanwhileBar, changed_document, refused_document

COMPUTED = (cell.SOURCE, cell.FULFILLED, cell.COST, cell.NET, cell.TAX, cell.GROSS)
"""Columns nobody types, or that follow from what is typed."""


class DocumentDesk(Protocol):
    """What the page does for this."""

    form: DocumentForm

    def has_unsaved(self) -> bool:
        """Tell whether something was typed."""

    def empty_sheet(self, kind: str) -> DocumentSheet:
        """Return an empty sheet of a kind."""

    def show_document(self, document: Document) -> None:
        """Show a stored document."""

    def keep(self, document: Document | None, content: tuple[object, ...]) -> None:
        """Know a document as stored with this content; what is shown and typed stays."""


class DocumentVersions(ShownVersions[Document]):
    """A `MeanwhileDesk` over the document's page; `settle` and `save` are the saving's."""

    def __init__(self, desk: DocumentDesk, settle: Callable[[Document], None], save: Callable[[], None]) -> None:
        super().__init__(lambda: desk.form.sheet.stored, document_name, desk.has_unsaved)
        self._desk = desk
        self._settle = settle
        self._save = save

    def is_same(self, theirs: Document) -> bool:
        """Tell whether a stored document holds what stands here."""
        return self._sheet(theirs).content() == self._desk.form.sheet.content()

    def differences(self, theirs: Document) -> list[Difference]:
        """Return which fields and lines differ."""
        mine, other = self._desk.form.sheet, self._sheet(theirs)
        was = self._sheet(mine.stored) if mine.stored is not None else self._desk.empty_sheet(mine.kind)
        heads = field_differences(_head(was), _head(mine), _head(other))
        return [*heads, *line_differences(*(_lines(sheet) for sheet in (was, mine, other)))]

    def show_theirs(self, theirs: Document) -> None:
        """Show a stored document; what was typed is dropped."""
        self._desk.show_document(theirs)

    def keep_over(self, theirs: Document) -> None:
        """The next save replaces their version."""
        self._desk.keep(theirs, ())
        self._desk.form.grid.setFocus()

    def keep_as_new(self) -> None:
        """The next save makes a new one."""
        self._desk.keep(None, ())

    def settle(self, theirs: Document) -> None:
        """What the server has is what stands here."""
        self._settle(theirs)

    def save(self) -> None:
        """Save what is typed."""
        self._save()

    def _sheet(self, document: Document) -> DocumentSheet:
        sheet = self._desk.empty_sheet(document.kind)
        sheet.load(document)
        return sheet


def watch_document(
    page: QWidget, desk: DocumentDesk, settle: Callable[[Document], None], save: Callable[[], None]
) -> Meanwhile[Document]:
    """Return what watches over the document shown on a page."""
    bar: MeanwhileBar[Document] = MeanwhileBar(page, refused_document, changed_document)
    versions = DocumentVersions(desk, settle, save)
    return Meanwhile(page, versions, "document", Document, lambda api, number: api.get_document(number), bar)


def edited_document(page: QWidget, desk: DocumentDesk) -> list[EditedObject]:
    """Return the stored draft that is being changed: something is typed, or one of its cells is open in front."""
    sheet = desk.form.sheet
    if sheet.stored is None or not sheet.editable:
        return []
    is_open = desk.form.grid.editor is not None and page.isVisible()
    if not is_open and not desk.has_unsaved():
        return []
    return [EditedObject(kind="document", id=sheet.stored.id, label=document_name(sheet.stored)[:60])]


def _head(sheet: DocumentSheet) -> dict[str, str]:
    names = {house.id: house.name for house in sheet.warehouses}
    return {
        tr("往来单位"): sheet.partner.name if sheet.partner is not None else "",
        tr("日期"): sheet.date,
        tr("到期日"): sheet.due_date or "",
        tr("对方单号"): sheet.reference,
        tr("仓库"): names.get(sheet.warehouse_id or 0, ""),
        tr("整单折扣"): sheet.discount,
        tr("单价含税"): tr("是") if sheet.prices_include_tax else tr("否"),
        tr("备注"): sheet.note,
    }


def _lines(sheet: DocumentSheet) -> list[str]:
    return line_texts(sheet, sheet.used, document_columns(), COMPUTED)
