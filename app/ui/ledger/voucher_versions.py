"""Two versions of a voucher: what the voucher's page does when somebody else changes the one it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PyQt5.QtWidgets import QWidget

from app.contract.ledger import Voucher
from app.contract.together import EditedObject
from app.ui.language import tr
from app.ui.ledger.voucher_form import VoucherForm
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_sheet import VoucherSheet
from app.ui.ledger.words import is_english, side_name, voucher_name
from app.ui.presence.differences import Difference, field_differences, line_differences
from app.ui.widgets.meanwhile import Meanwhile, ShownVersions
from app.ui.widgets.meanwhile_bar import MeanwhileBar


class VoucherDesk(Protocol):
    """What the page does for this."""

    form: VoucherForm

    def has_unsaved(self) -> bool:
        """Tell whether something was typed."""

    def empty_sheet(self) -> VoucherSheet:
        """Return a sheet that knows the book."""

    def show_voucher(self, voucher: Voucher) -> None:
        """Show a stored voucher."""

    def keep(self, voucher: Voucher | None) -> None:
        """Know a voucher as stored; what is shown and typed stays."""

    def settle(self, voucher: Voucher) -> None:
        """What the server has is what stands here."""

    def save(self, *, then: Callable[[], None] | None = None) -> None:
        """Save what is typed."""


class VoucherVersions(ShownVersions[Voucher]):
    """A `MeanwhileDesk` over the voucher's page."""

    def __init__(self, desk: VoucherDesk) -> None:
        super().__init__(lambda: desk.form.sheet.stored, voucher_name, desk.has_unsaved)
        self._desk = desk

    def is_same(self, theirs: Voucher) -> bool:
        """Tell whether a stored voucher holds what stands here; proposed cash-flow lines do not count."""
        return self._sheet(theirs).content(flows=False) == self._desk.form.sheet.content(flows=False)

    def differences(self, theirs: Voucher) -> list[Difference]:
        """Return which fields and lines differ."""
        mine = self._desk.form.sheet
        other = self._sheet(theirs)
        was = self._sheet(mine.stored) if mine.stored is not None else self._desk.empty_sheet()
        heads = field_differences(_head(was), _head(mine), _head(other))
        return [*heads, *line_differences(_lines(was), _lines(mine), _lines(other))]

    def show_theirs(self, theirs: Voucher) -> None:
        """Show a stored voucher; what was typed is dropped."""
        self._desk.show_voucher(theirs)

    def keep_over(self, theirs: Voucher) -> None:
        """The next save replaces their version."""
        self._desk.keep(theirs)
        self._desk.form.grid.setFocus()

    def keep_as_new(self) -> None:
        """The next save makes a new one."""
        self._desk.keep(None)

    def settle(self, theirs: Voucher) -> None:
        """What the server has is what stands here."""
        self._desk.settle(theirs)

    def save(self) -> None:
        """Save what is typed."""
        self._desk.save()

    def _sheet(self, voucher: Voucher) -> VoucherSheet:
        sheet = self._desk.empty_sheet()
        sheet.load(voucher)
        return sheet


def watch_voucher(page: QWidget, desk: VoucherDesk, bar: MeanwhileBar[Voucher]) -> Meanwhile[Voucher]:
    """Return what watches over the voucher shown on a page."""
    return Meanwhile(page, VoucherVersions(desk), "voucher", Voucher, lambda api, number: api.get_voucher(number), bar)


def edited_voucher(page: QWidget, desk: VoucherDesk) -> list[EditedObject]:
    """Return the stored draft that is being changed: something is typed, or one of its cells is open in front."""
    sheet = desk.form.sheet
    if sheet.stored is None or not sheet.editable:
        return []
    is_open = desk.form.grid.editor is not None and page.isVisible()
    if not is_open and not desk.has_unsaved():
        return []
    return [EditedObject(kind="voucher", id=sheet.stored.id, label=voucher_name(sheet.stored)[:60])]


def _head(sheet: VoucherSheet) -> dict[str, str]:
    return {
        tr("日期"): sheet.date,
        tr("凭证字"): sheet.word,
        tr("附件"): str(sheet.attachment_count or ""),
    }


def _lines(sheet: VoucherSheet) -> list[str]:
    sides = {Column.DEBIT: side_name(True), Column.CREDIT: side_name(False)}
    lines = []
    for row in sheet.used:
        cells = {column: sheet.shown(row, column, english=is_english()) for column in Column}
        flow = sheet.lines[row].as_typed(flows=True).cash_flow_line  # what is only proposed is nobody's change
        cells[Column.CASH_FLOW] = "" if flow is None else str(flow)
        texts = [f"{sides[column]} {text}" if column in sides else text for column, text in cells.items() if text]
        lines.append(" · ".join(texts))
    return lines
