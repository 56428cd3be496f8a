"""The page where vouchers are written and read: the form, its buttons, and what the server says to them."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from pydantic import ValidationError
from PyQt5.QtWidgets import QWidget

from app.client.refusals import refusal_of
from app.contract.ledger import Account, Currency, PeriodState, Voucher
from app.contract.together import EditedObject
from app.contract.voucher_work import AttachmentList
from app.kernel.errors import EnvironmentFault, ZhangfangError
from app.kernel.period import parse_date
from app.ui.language import tr, tr_message
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.attachments_panel import AttachmentsPanel
from app.ui.ledger.key_help import show_keys
from app.ui.ledger.months import open_day
from app.ui.ledger.source_link import SourceLink
from app.ui.ledger.unsaved import ask_to_save
from app.ui.ledger.voucher_columns import ColumnsMenu
from app.ui.ledger.voucher_form import VoucherForm, refused_cells
from app.ui.ledger.voucher_line import Column
from app.ui.ledger.voucher_proposals import VoucherProposals
from app.ui.ledger.voucher_rates import VoucherRates
from app.ui.ledger.voucher_sheet import VoucherSheet
from app.ui.ledger.voucher_toolbar import VoucherToolbar
from app.ui.ledger.voucher_versions import edited_voucher, watch_voucher
from app.ui.ledger.voucher_ways import CHANGED, VoucherWays
from app.ui.ledger.voucher_work import BookFacts, find_neighbour, new_pending_save, read_facts
from app.ui.ledger.words import is_english, voucher_name
from app.ui.navigation import NewVoucher, OpenVoucher, Target
from app.ui.page import Page, PageContext
from app.ui.presence.editors_bar import EditorsBar
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.meanwhile_bar import MeanwhileBar
from app.ui.widgets.unread_note import UnreadNote


class VoucherPage(Page):
    """One voucher at a time."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._accounts: list[Account] = []
        self._currencies: list[Currency] = []
        self._months: list[PeriodState] = []
        self._facts: BookFacts | None = None
        self._unread = UnreadNote(self.message_bar)
        self._ready = False
        self._waiting: Target | None = None
        self._busy = False
        self._pending = new_pending_save()
        self._clean: tuple[object, ...] = ()
        self._columns_menu = ColumnsMenu(self)
        self._columns_menu.chosen.connect(lambda columns, shown: self.form.grid.show_extra(columns, shown=shown))
        self.ways = VoucherWays(self, self)
        self.attachments = AttachmentsPanel(context.may, self)
        self.toolbar = VoucherToolbar(self._steps(), context.may, self._columns_menu, self)
        self.form = VoucherForm(context.today(), context.user_name, self)
        self.proposals = VoucherProposals(lambda: self.form.sheet, self)
        self.rates = VoucherRates(lambda: self.form.sheet, self)
        self.rates.wanted = context.may("ledger:rate:view")
        self.meanwhile: MeanwhileBar[Voucher] = MeanwhileBar(self)
        self.versions = watch_voucher(self, self, self.meanwhile)
        self.editors = EditorsBar(self.tasks.others, self)
        self.source = SourceLink(context.open_target, self)
        self.body.addWidget(self.toolbar)
        self.body.addWidget(self.editors)
        self.body.addWidget(self.meanwhile)
        self.body.addWidget(self.source)
        self.body.addWidget(self.form, 1)
        self.body.addWidget(self.attachments)
        self.form.lookups.failed.connect(self.show_error)
        self.form.edited.connect(self._say_unread)
        self.form.edited.connect(self.proposals.typed)
        self.form.edited.connect(self._ask_rates)
        self.proposals.arrived.connect(self._show_proposals)
        self.rates.arrived.connect(self.form.model.show_rates)
        self.attachments.changed.connect(self._documents_changed)
        self.attachments.failed.connect(self.show_error)
        self.form.voucher_wanted.connect(lambda voucher_id: self.open(OpenVoucher(voucher_id)))
        self._show_sheet(self._new_sheet())
        self.retranslate()

    def _steps(self) -> dict[str, Callable[[], None]]:
        return {
            **self.ways.steps(),
            "add": self.new_voucher,
            "save": self.save,
            "save_new": lambda: self.save(then=lambda: self._show_sheet(self._new_sheet())),
            "review": lambda: self._saved_then(lambda: self.ways.act("review")),
            "sign": lambda: self._saved_then(lambda: self.ways.act("sign")),
            "copy": lambda: self._saved_or_dropped(lambda: self.ways.copy(correction=False)),
            "from_template": lambda: self._saved_or_dropped(self.ways.from_template),
            "attach": lambda: self._saved_then(self.attachments.choose),
            "keys": lambda: show_keys(self),
            "previous": lambda: self._saved_or_dropped(lambda: self._go_to_neighbour(-1)),
            "next": lambda: self._saved_or_dropped(lambda: self._go_to_neighbour(1)),
        }

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("凭证录入")

    def first_focus(self) -> QWidget | None:
        """Typing begins in the lines."""
        return self.form.grid

    def activate(self) -> None:
        """Ask once for what vouchers are typed with, and open the first cell of an empty voucher."""
        if not self._ready:
            self._ask_facts()
        if not self.form.sheet.used and self.form.sheet.editable and self.form.grid.editor is None:
            self.form.grid.go(0, Column.SUMMARY)

    def refresh(self, change: Change) -> None:
        """Follow changes of the chart, and of the voucher shown while nothing is typed."""
        if change.origin is self:
            return
        if change.touches(Topic.ACCOUNTS, Topic.BOOK, Topic.PERIODS):
            self._ask_facts()
        if change.touches(Topic.VOUCHERS):
            self.versions.note(change)
            self._look_again()

    def open(self, target: Target) -> None:
        """Show a voucher, or an empty one."""
        if not self._ready:
            self._waiting = target
            return
        if isinstance(target, OpenVoucher):
            stored = self.form.sheet.stored
            if stored is not None and stored.id == target.voucher_id and self.has_unsaved():
                return
            self._saved_or_dropped(lambda: self._ask_voucher(target.voucher_id))
        elif isinstance(target, NewVoucher):
            template_id = target.template_id
            if template_id is None:
                self.new_voucher()
            else:
                self._saved_or_dropped(lambda: self.ways.ask_template(template_id))

    def has_unsaved(self) -> bool:
        """Tell whether something was typed since the voucher was shown or saved."""
        editor = self.form.grid.editor
        typing = editor is not None and editor.isModified()
        return self.form.sheet.editable and (typing or self.form.sheet.content() != self._clean)

    def editing(self) -> list[EditedObject]:
        """Return the draft that is being changed."""
        return edited_voucher(self, self)

    def retranslate(self) -> None:
        """Set every text."""
        self.toolbar.retranslate()
        self.form.retranslate(english=is_english())
        self.meanwhile.retranslate()
        self.source.retranslate()
        self.attachments.retranslate()
        self._teach(self.form.sheet)
        self._columns_menu.retranslate()

    # --- facts and vouchers from the server --------------------------------------------------------------------------

    def _ask_facts(self) -> None:
        Query(read_facts).slot("facts").on_done(self._show_facts).run(self)

    def _show_facts(self, facts: BookFacts) -> None:
        self._accounts, self._currencies, self._months = facts.accounts, facts.currencies, facts.months
        self.form.lookups.set_currencies(facts.currencies)
        self.form.lookups.set_summaries(facts.summaries)
        self._facts = facts
        self.proposals.wanted = bool(facts.flow_lines) or facts.judges_words
        sheet = self.form.sheet
        sheet.set_accounts(AccountIndex(facts.accounts))
        sheet.set_currencies(facts.currencies)
        self._teach(sheet)
        self.form.set_words(facts.words, only=facts.judges_words)
        if sheet.stored is None and not self.has_unsaved():
            self._date_anew(sheet)
        self.form.model.retranslate(english=is_english())
        self._say_unread()
        self.form.show_state()
        self.form.grid.show_wanted_columns()
        first, self._ready = not self._ready, True
        target, self._waiting = self._waiting, None
        if first and target is not None:
            self.open(target)

    def _ask_voucher(self, voucher_id: int) -> None:
        Query(lambda api: api.get_voucher(voucher_id)).slot("voucher").on_done(self.show_voucher).run(self)

    def _look_again(self) -> None:
        """Ask for the voucher shown; what is new is shown where one is, unless somebody typed or went on meanwhile."""
        stored = self.form.sheet.stored
        if stored is None or self.has_unsaved():
            return

        def answered(voucher: Voucher) -> None:
            now = self.form.sheet.stored
            if now is not None and now.id == voucher.id and now != voucher and not self.has_unsaved():
                grid = self.form.grid
                at = grid.cell if grid.editor is not None else None
                self.show_voucher(voucher, at=at, stays=True)

        Query(lambda api: api.get_voucher(stored.id)).slot("again").on_done(answered).run(self)

    def show_voucher(self, voucher: Voucher, *, at: tuple[int, Column] | None = None, stays: bool = False) -> None:
        """Show a stored voucher; one that `stays` in front leaves the keyboard where it is, in the cell `at` or not."""
        sheet = self.empty_sheet()
        sheet.load(voucher)
        self._show_sheet(sheet, at=at, stays=stays)
        self.proposals.ask()

    def empty_sheet(self) -> VoucherSheet:
        """Return a sheet that knows the book."""
        sheet = VoucherSheet(AccountIndex(self._accounts), self._currencies)
        self._teach(sheet)
        return sheet

    def _teach(self, sheet: VoucherSheet) -> None:
        if self._facts is not None:
            sheet.flow_names = self._facts.flow_names(english=is_english())
            sheet.words_follow_lines = self._facts.judges_words

    def _show_proposals(self, word: str) -> None:
        self.form.model.show_proposals()
        self.form.show_proposed_word(word)
        self.form.grid.show_wanted_columns()

    def _ask_rates(self) -> None:
        # A stored voucher that is only looked at stays as it is.
        if self.has_unsaved():
            self.rates.typed()

    def _documents_changed(self, documents: AttachmentList) -> None:
        """A file was attached to a draft or taken from it: number of documents and version follow."""
        stored = self.form.sheet.stored
        if stored is not None and documents.version != stored.version:
            followed = self.form.sheet.attachment_count == stored.attachment_count
            self.form.sheet.stored = stored.model_copy(
                update={"version": documents.version, "attachment_count": documents.attachment_count}
            )
            if followed:
                unsaved = self.has_unsaved()
                self.form.show_attachment_count(documents.attachment_count)
                if not unsaved:
                    self._clean = self.form.sheet.content()

    def _new_sheet(self) -> VoucherSheet:
        sheet = self.empty_sheet()
        before = self.form.sheet
        # The next document usually is of the same day as the one before.
        sheet.date = self._day_near(parse_date(before.stored.date) if before.stored else None)
        sheet.word = before.word
        return sheet

    def _day_near(self, wanted: datetime.date | None = None) -> str:
        """Return the day a new voucher begins with: today or the day wanted, but never in a closed month."""
        return open_day(self._months, wanted or self.context.today()).isoformat()

    def open_day(self) -> str:
        """Return today, or the nearest day that is open."""
        return self._day_near()

    def _date_anew(self, sheet: VoucherSheet) -> None:
        sheet.date = self._day_near(parse_date(sheet.date))
        self.form.date.set_date(parse_date(sheet.date))
        self._clean = sheet.content()

    def _show_sheet(self, sheet: VoucherSheet, *, at: tuple[int, Column] | None = None, stays: bool = False) -> None:
        self._pending = new_pending_save()
        self.versions.begin()
        stored = sheet.stored
        self.editors.show_for("voucher", stored.id if stored else None, voucher_name(stored) if stored else "")
        self.form.show_sheet(sheet)
        self._clean = sheet.content()
        self._show_steps()
        self.attachments.show_voucher(sheet.stored)
        self.source.show_voucher(sheet.stored)
        if at is not None and sheet.editable:
            self.form.grid.go(min(at[0], self.form.model.rowCount() - 1), at[1])
        elif not stays and sheet.editable and self.isVisible():
            self.form.grid.go(0, Column.SUMMARY)

    def _show_steps(self) -> None:
        self.toolbar.show_for(self.form.sheet.stored, busy=self._busy)

    # --- saving ------------------------------------------------------------------------------------------------------

    def new_voucher(self) -> None:
        """Start an empty voucher."""
        self._saved_or_dropped(lambda: self._show_sheet(self._new_sheet()))

    def save(self, *, then: Callable[[], None] | None = None) -> None:
        """Save what is typed; `then` is done once the voucher is saved without a fault."""
        if self._busy or not self.form.sheet.editable:
            return
        sheet = self.form.collect()
        unread = sheet.unread_cells()
        if unread:
            row, column, reason = unread[0]
            self.message_bar.show_warning(tr_message(reason))
            self.form.grid.go(row, column)
            return
        self.form.mark_head({})
        try:
            work = self._pending.work(sheet.stored, sheet.to_input())
        except ValidationError as error:
            self.refused(refusal_of(error))
            return
        self.set_busy(True)
        sent = sheet.content()
        Command(work, *CHANGED).on_done(lambda voucher: self._saved(voucher, sent, then)).on_error(self.refused).always(
            lambda: self.set_busy(False)
        ).run(self)

    def _say_unread(self) -> None:
        """Say at once what cannot be read in a cell, and no longer once it is put right."""
        unread = self.form.sheet.unread_cells()
        self._unread.say(tr_message(unread[0][2]) if unread else "")

    def _saved(self, voucher: Voucher, sent: tuple[object, ...], then: Callable[[], None] | None = None) -> None:
        at, editor, sheet = self.form.grid.cell, self.form.grid.editor, self.form.sheet
        self.message_bar.clear()
        if sheet.content() != sent or (editor is not None and editor.isModified()):
            # Somebody typed on while the answer was under way: that stays, and is not saved yet.
            self._pending = new_pending_save()
            sheet.stored, self._clean, at, then = voucher, sent, None, None
            self.form.show_state()
            self._show_steps()
        else:
            self.show_voucher(voucher)
        if voucher.faults:
            self.show_info(tr("已存为草稿 {name}，补全后才能审核。", name=voucher_name(voucher)))
        else:
            self.show_info(tr("已保存 {name}。", name=voucher_name(voucher)))
        if at is not None and self.isVisible():
            self.form.grid.go(min(at[0], self.form.model.rowCount() - 1), at[1])
        if then is not None and not voucher.faults:
            self.set_busy(False)
            then()

    def refused(self, error: ZhangfangError) -> None:
        """Show why the server said no; everything typed stays, and the cursor goes to the cell the server names."""
        self._pending.refused(error)
        made = self._pending.made
        if made is not None:  # an earlier try came through, and this was a change of it
            self._pending.settled()
            self.keep(made)
        if self.versions.refused(error):
            return
        self.show_error(error, self.save if isinstance(error, EnvironmentFault) else None)
        self.form.mark_head(error.fields)
        self.form.mark_cells(refused_cells(self.form.sheet, error.fields))

    def keep(self, voucher: Voucher | None) -> None:
        """Know a voucher as stored; what is shown and typed stays, and the next save replaces it."""
        self.form.sheet.stored = voucher
        self._clean = ()
        self.form.show_state()
        self._show_steps()

    def settle(self, voucher: Voucher) -> None:
        """The answer to an earlier attempt was lost: what the server has is what stands here."""
        self._saved(voucher, self.form.sheet.content())

    def _saved_then(self, act: Callable[[], None]) -> None:
        self.form.grid.commit()
        if self.has_unsaved():
            self.save(then=act)
        else:
            act()

    def _saved_or_dropped(self, act: Callable[[], None]) -> None:
        self.form.grid.commit()
        if self.has_unsaved():
            ask_to_save(self, lambda: self.save(then=act), act)
        else:
            act()

    # --- what the voucher's ways need of the page --------------------------------------------------------------------

    @property
    def stored(self) -> Voucher | None:
        """The voucher shown, as stored."""
        return self.form.sheet.stored

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._busy

    def set_busy(self, busy: bool) -> None:
        """Keep the user from acting twice."""
        self._busy = busy
        self._show_steps()

    def show_fresh(self) -> None:
        """Show an empty voucher; what was shown is gone."""
        self.form.sheet.stored = None
        self._show_sheet(self._new_sheet())

    def show_as_typed(self, sheet: VoucherSheet) -> None:
        """Show a sheet as if somebody had typed it: not saved yet."""
        self._show_sheet(sheet)
        self._clean = ()
        self.proposals.ask()

    def done(self, text: str) -> None:
        """Say what was done."""
        self.message_bar.clear()
        self.show_info(text)

    def _go_to_neighbour(self, step: int) -> None:
        stored = self.form.sheet.stored

        def arrived(voucher_id: int | None) -> None:
            if voucher_id is not None:
                self._ask_voucher(voucher_id)
            else:
                self.show_info(tr("前面没有凭证了。") if step < 0 else tr("后面没有凭证了。"))

        Query(lambda api: find_neighbour(api, stored, step)).slot("voucher").on_done(arrived).run(self)
