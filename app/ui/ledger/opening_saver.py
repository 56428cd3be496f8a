"""Saving the opening balances: what is sent, and what becomes of a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import ValidationError
from PyQt5.QtCore import QObject

from app.client.refusals import refusal_of
from app.contract.ledger import Opening
from app.kernel.errors import RuleBroken, UserError, ZhangfangError
from app.kernel.ids import new_request_id
from app.kernel.text import message
from app.ui.language import tr, tr_message
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.opening_line import OpeningColumn
from app.ui.ledger.opening_versions import opening_texts
from app.ui.presence.differences import field_differences
from app.ui.tasks import Command, Query, Topic
from app.ui.widgets.question import ask
from app.ui.widgets.stale import Stale, read_stale

if TYPE_CHECKING:
    from app.ui.ledger.opening_desk import OpeningDesk

CHANGED = (Topic.BALANCES, Topic.ACCOUNTS, Topic.AUXILIARIES)
MOST_NAMED = 8


class OpeningSaver(QObject):
    """Sends the page's sheet whole; what the server refuses stays typed and is marked."""

    def __init__(self, page: OpeningDesk) -> None:
        super().__init__(page)
        self._page = page
        self._saving: Opening | None = None

    def save(self) -> None:
        """Send all balances, unless a cell cannot be read."""
        page = self._page
        if not page.may_change():
            return
        page.table.setFocus()
        sheet = page.model.sheet
        unread = sheet.unread_cells()
        if unread:
            row, column, reason = unread[0]
            page.message_bar.show_warning(tr_message(reason))
            page.show_cell(row, column)
            return
        if sheet.cash.unread:
            page.show_cash_flow()
            page.message_bar.show_warning(tr_message(next(iter(sheet.cash.unread.values()))[1]))
            return
        self._send(make_missing=False)

    def _send(self, *, make_missing: bool) -> None:
        page = self._page
        try:
            wanted = page.model.sheet.to_input().model_copy(update={"make_missing": make_missing})
        except ValidationError as error:
            self._refused(refusal_of(error))
            return
        if self._saving is None or self._saving.model_copy(update={"request_id": None}) != wanted:
            self._saving = wanted.model_copy(update={"request_id": new_request_id()})
        sent = self._saving
        page.save_button.setEnabled(False)
        Command(lambda api: api.replace_opening(sent), *CHANGED).on_done(
            lambda opening: self._saved(opening, wanted)
        ).on_error(self._refused).always(page.show_sums).run(page)

    def _saved(self, opening: Opening, sent: Opening) -> None:
        page = self._page
        self._saving = None
        page.message_bar.clear()
        now = page.model.sheet.to_input().model_copy(update={"make_missing": sent.make_missing})
        if now == sent and not page.model.sheet.unread_cells():
            # What was typed while the answer was under way stays, to be saved next time.
            page.show_opening(opening)
        else:
            page.model.sheet.stored = opening
        page.show_info(tr("期初余额已保存。"))

    def _refused(self, error: ZhangfangError) -> None:
        if (stale := read_stale(error, Opening)) is not None:
            self._compare(stale)
            return
        page, sheet = self._page, self._page.model.sheet
        marks = {
            cell: tr_message(text) for path, text in error.fields.items() if (cell := sheet.cell_of(path)) is not None
        }
        if error.code == "opening_unbalanced":
            error = RuleBroken(
                error.code, message("{reason}没填完时可用“更多”里的存为 CSV 文件留存。", reason=error.message)
            )
        page.show_error(error if len(error.fields) <= MOST_NAMED else _shortened(error))
        page.model.set_faults(marks)
        if marks:
            page.show_cell(*min(marks))
        elif any(path.startswith("cash_flow.") for path in error.fields):
            page.show_cash_flow()
        missing = [sheet.lines[row].aux for row, column in marks if column is OpeningColumn.AUXILIARY]
        if missing and len(missing) == len(error.fields) and self._may_make(list(marks)):
            self._offer_items(missing)

    def _compare(self, stale: Stale[Opening]) -> None:
        """Lay both versions side by side when somebody else saved first; he may have added accounts as well."""
        Query(lambda api: api.list_accounts()).slot("stale").on_done(
            lambda listed: self._let_choose(stale, AccountIndex(listed.accounts))
        ).on_error(self._page.show_error).run(self._page)

    def _let_choose(self, stale: Stale[Opening], accounts: AccountIndex) -> None:
        page, sheet = self._page, self._page.model.sheet
        was, theirs = (opening_texts(page.sheet_of(one, accounts)) for one in (sheet.stored, stale.theirs))
        mine = opening_texts(sheet)
        if mine == theirs:
            page.ask()
            return
        make_missing = self._saving is not None and self._saving.make_missing

        def save_mine(stored: Opening) -> None:
            page.model.sheet.stored = stored
            self._send(make_missing=make_missing)

        rows = field_differences(was, mine, theirs)
        stale.show(page, tr("期初余额"), rows, take=lambda _stored: page.ask(), keep=save_mine)

    def _may_make(self, cells: Sequence[tuple[int, OpeningColumn]]) -> bool:
        """Tell whether items are what is missing: every row names what its account takes and demands."""
        if not self._page.context.may("ledger:auxiliary:add"):
            return False
        lines = [self._page.model.sheet.lines[row] for row, _ in cells]
        return all(
            line.aux and all(f"{use.kind}:" in line.aux for use in line.account.auxiliaries if use.demanded)
            for line in lines
        )

    def _offer_items(self, missing: Sequence[str]) -> None:
        names = list(dict.fromkeys(missing))
        shown = "\n".join(names[:MOST_NAMED]) + ("\n…" if len(names) > MOST_NAMED else "")
        ask(
            self._page,
            tr("新增辅助项目"),
            tr("账里还没有这 {count} 个辅助项目，新增后保存？", count=len(names)) + "\n\n" + shown,
            tr("新增并保存"),
            lambda: self._send(make_missing=True),
        )


def _shortened(error: ZhangfangError) -> ZhangfangError:
    """Return an error whose sentences fit into the message bar; every cell is marked anyway."""
    fields = dict(list(error.fields.items())[:MOST_NAMED])
    return UserError(error.code, error.message, fields=fields)
