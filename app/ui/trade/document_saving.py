"""Saving a document: as a draft, never twice, and never over somebody else's change without asking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pydantic import ValidationError
from PyQt5.QtWidgets import QWidget

from app.client.refusals import refusal_of
from app.contract.orders import Document, DocumentInput
from app.kernel.errors import EnvironmentFault, ZhangfangError
from app.ui.language import tr, tr_message
from app.ui.tasks import Command, Topic
from app.ui.trade.document_form import DocumentForm
from app.ui.trade.document_sheet import DocumentSheet
from app.ui.trade.document_versions import watch_document
from app.ui.trade.document_ways import document_name
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.message_bar import MessageBar
from app.ui.widgets.pending_save import PendingSave


class SavingDesk(Protocol):
    """What the page does for the saving."""

    form: DocumentForm
    message_bar: MessageBar

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""

    def has_unsaved(self) -> bool:
        """Tell whether something was typed."""

    def set_busy(self, busy: bool) -> None:
        """Keep the user from acting twice."""

    def show_document(self, document: Document) -> None:
        """Show a stored document."""

    def empty_sheet(self, kind: str) -> DocumentSheet:
        """Return an empty sheet of a kind."""

    def keep(self, document: Document | None, content: tuple[object, ...]) -> None:
        """Know a document as stored with this content; what is shown and typed stays."""

    def show_error(self, error: ZhangfangError, retry: Callable[[], None] | None = None) -> None:
        """Show an error."""

    def show_info(self, text: str) -> None:
        """Show that something was done."""


def new_pending() -> PendingSave[DocumentInput, Document]:
    """Return what saves a document that is not stored yet."""
    return PendingSave(
        lambda api, wish: api.add_document(wish),
        lambda api, made, wish: api.change_document(made.id, wish.model_copy(update={"version": made.version})),
    )


class DocumentSaving:
    """Saves the sheet of a desk; `meanwhile` shows who was first when somebody was."""

    def __init__(self, desk: SavingDesk, page: QWidget) -> None:
        self._desk = desk
        self._page = page
        self._pending = new_pending()
        self.versions = watch_document(
            page, desk, lambda theirs: self._saved(theirs, desk.form.sheet.content()), self.save
        )
        self.meanwhile = self.versions.bar

    def begin(self) -> None:
        """Another document is shown."""
        self._pending = new_pending()
        self.versions.begin()

    def save(self, *, then: Callable[[], None] | None = None) -> None:
        """Save what is typed as a draft; `then` is done once it is saved."""
        if self._desk.busy or not self._desk.form.sheet.editable:
            return
        sheet = self._desk.form.collect()
        head = self._desk.form.unread_head()
        if head is not None:
            self._desk.message_bar.show_warning(tr_message(head[1]))
            mark_wrong(head[0], True)
            head[0].setFocus()
            return
        unread = sheet.unread_cells()
        if unread:
            row, name, reason = unread[0]
            self._desk.message_bar.show_warning(tr_message(reason))
            self._desk.form.grid.go(row, name)
            return
        try:
            work = self._pending.work(sheet.stored, sheet.to_input())
        except ValidationError as error:
            self.refused(refusal_of(error))
            return
        self._desk.set_busy(True)
        sent = sheet.content()
        Command(work, Topic.DOCUMENTS).on_done(lambda document: self._saved(document, sent, then)).on_error(
            self.refused
        ).always(lambda: self._desk.set_busy(False)).run(self._page)

    def _saved(self, document: Document, sent: tuple[object, ...], then: Callable[[], None] | None = None) -> None:
        at, sheet = self._desk.form.grid.cell, self._desk.form.sheet
        self._desk.message_bar.clear()
        if sheet.content() != sent or self._desk.form.is_typing():
            # Somebody typed on while the answer was under way: that stays, and is not saved yet.
            self._pending = new_pending()
            self._desk.keep(document, sent)
            at, then = None, None
        else:
            self._desk.show_document(document)
        self._desk.show_info(tr("已存为草稿：{name}。", name=document_name(document)))
        if at is not None and self._page.isVisible():
            self._desk.form.grid.go(min(at[0], self._desk.form.model.rowCount() - 1), at[1])
        if then is not None:
            self._desk.set_busy(False)
            then()

    def refused(self, error: ZhangfangError) -> None:
        """Show why the server said no; everything typed stays, and the cursor goes to what the server names."""
        self._pending.refused(error)
        made = self._pending.made
        if made is not None:  # an earlier try came through, and this was a change of it
            self._pending.settled()
            self._desk.keep(made, ())
        if self.versions.refused(error):
            return
        self._desk.show_error(error, self.save if isinstance(error, EnvironmentFault) else None)
        self._desk.form.mark_refused(error.fields)
