"""A stored voucher's way as the voucher page offers it: reviewed, signed, posted, voided, corrected, a template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PyQt5.QtWidgets import QWidget

from app.client.api import ApiClient
from app.contract.ledger import Voucher
from app.contract.voucher_work import TemplateList
from app.kernel.corrections import correction_summary
from app.kernel.errors import ZhangfangError
from app.kernel.period import parse_date, parse_period
from app.ui.language import tr
from app.ui.ledger.difference_dialog import DifferenceDialog
from app.ui.ledger.print_dialog import PrintDialog
from app.ui.ledger.reversal_dialog import ReversalDialog
from app.ui.ledger.template_dialog import TemplateDialog
from app.ui.ledger.template_picker import TemplatePicker
from app.ui.ledger.voucher_sheet import VoucherSheet
from app.ui.ledger.words import voucher_name
from app.ui.tasks import Command, Query, Topic
from app.ui.widgets.question import ask

LONGEST_SUMMARY = 200
CHANGED = (Topic.VOUCHERS, Topic.BALANCES, Topic.PERIODS)


class Desk(Protocol):
    """What the page does for the voucher's ways."""

    @property
    def stored(self) -> Voucher | None:
        """The voucher shown, as stored."""

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""

    def set_busy(self, busy: bool) -> None:
        """Keep the user from acting twice."""

    def show_voucher(self, voucher: Voucher) -> None:
        """Show a stored voucher."""

    def show_fresh(self) -> None:
        """Show an empty voucher; what was shown is gone."""

    def show_as_typed(self, sheet: VoucherSheet) -> None:
        """Show a sheet as if somebody had typed it: not saved yet."""

    def empty_sheet(self) -> VoucherSheet:
        """Return a sheet that knows the book."""

    def open_day(self) -> str:
        """Return today, or the nearest day that is open."""

    def refused(self, error: ZhangfangError) -> None:
        """Show why the server said no."""

    def done(self, text: str) -> None:
        """Say what was done."""


class VoucherWays:
    """Carries out the steps of the toolbar that change a stored voucher or make another from it."""

    def __init__(self, desk: Desk, page: QWidget) -> None:
        self._desk = desk
        self._page = page

    def steps(self) -> dict[str, Callable[[], None]]:
        """Return the steps by the toolbar's names."""
        return {
            "unreview": lambda: self.act("unreview"),
            "post": lambda: self.act("post"),
            "unsign": lambda: self.act("unsign"),
            "void": self._void,
            "delete": self._delete,
            "print": self._print,
            "reverse": self._reverse,
            "correct": lambda: self.copy(correction=True),
            "difference": self._difference,
            "template": self._keep_as_template,
        }

    def act(self, verb: str) -> None:
        """Review, unreview, sign, unsign, post or void the voucher shown."""
        stored = self._desk.stored
        if stored is None or self._desk.busy:
            return
        calls: dict[str, Callable[[ApiClient], Voucher]] = {
            "review": lambda api: api.review_voucher(stored.id, stored.version),
            "unreview": lambda api: api.unreview_voucher(stored.id, stored.version),
            "sign": lambda api: api.sign_voucher(stored.id, stored.version),
            "unsign": lambda api: api.unsign_voucher(stored.id, stored.version),
            "post": lambda api: api.post_voucher(stored.id, stored.version),
            "void": lambda api: api.void_voucher(stored.id, stored.version),
        }
        name = voucher_name(stored)
        done = {
            "review": tr("已审核 {name}。", name=name),
            "unreview": tr("{name} 已取消审核，可以修改。", name=name),
            "sign": tr("{name} 出纳已签字。", name=name),
            "unsign": tr("{name} 已取消出纳签字。", name=name),
            "post": tr("{name} 已记账。", name=name),
            "void": tr("{name} 已作废。", name=name),
        }
        self._desk.set_busy(True)

        def shown(voucher: Voucher) -> None:
            self._desk.show_voucher(voucher)
            self._desk.done(done[verb])

        Command(calls[verb], *CHANGED).on_done(shown).on_error(self._desk.refused).always(
            lambda: self._desk.set_busy(False)
        ).run(self._page)

    def _void(self) -> None:
        stored = self._desk.stored
        if stored is not None:
            ask(
                self._page,
                tr("作废凭证"),
                tr("作废 {name}？它保留编号，不再计入任何账簿，不能恢复。", name=voucher_name(stored)),
                tr("作废"),
                lambda: self.act("void"),
            )

    def _delete(self) -> None:
        stored = self._desk.stored
        if stored is None:
            return

        def gone(_nothing: None) -> None:
            self._desk.show_fresh()
            self._desk.done(tr("草稿 {name} 已删除。", name=voucher_name(stored)))

        def delete() -> None:
            Command(lambda api: api.delete_voucher(stored.id, stored.version), *CHANGED).on_done(gone).on_error(
                self._desk.refused
            ).run(self._page)

        ask(
            self._page,
            tr("删除草稿"),
            tr("删除草稿 {name}？它后面未记账的凭证会依次补上编号。", name=voucher_name(stored)),
            tr("删除"),
            delete,
        )

    def _print(self) -> None:
        stored = self._desk.stored
        if stored is not None:
            PrintDialog(self._page, parse_period(stored.period), [stored.id]).open()

    # --- corrections (《会计基础工作规范》 art. 51(5)) ---------------------------------------------------------------

    def _reverse(self) -> None:
        stored = self._desk.stored
        if stored is not None:
            dialog = ReversalDialog(self._page, stored, parse_date(self._desk.open_day()))
            dialog.reversed.connect(lambda red: self._reversed(stored, red))
            dialog.open()

    def _reversed(self, original: Voucher, red: Voucher) -> None:
        self._desk.show_voucher(red)
        self._desk.done(tr("红字凭证 {name} 已生成。", name=voucher_name(red)))
        if red.summary.startswith("注销") and original.period[:4] == red.period[:4]:
            ask(
                self._page,
                tr("填更正凭证"),
                tr("{name} 已用红字冲销。接着填一张订正它的蓝字凭证吗？", name=voucher_name(original)),
                tr("填更正凭证"),
                lambda: self._copy(original, correction=True),
            )

    def copy(self, *, correction: bool) -> None:
        """Show the voucher's content as a new one; a correction bears the prescribed summary and is linked to it."""
        stored = self._desk.stored
        if stored is not None:
            self._copy(stored, correction=correction)

    def _copy(self, stored: Voucher, *, correction: bool) -> None:
        sheet = self._desk.empty_sheet()
        sheet.copy_of(stored, correction=correction)
        sheet.date = self._desk.open_day()
        if correction:
            note = correction_summary(stored.date, stored.word, stored.number, sheet.date)
            for row in sheet.used:
                sheet.lines[row].summary = f"{note} {sheet.lines[row].summary}"[:LONGEST_SUMMARY]
        self._desk.show_as_typed(sheet)

    def _difference(self) -> None:
        stored = self._desk.stored
        if stored is not None:
            dialog = DifferenceDialog(self._page, stored, parse_date(self._desk.open_day()))
            dialog.made.connect(self._difference_made)
            dialog.open()

    def _difference_made(self, made: Voucher) -> None:
        self._desk.show_voucher(made)
        self._desk.done(tr("差额凭证 {name} 已存为草稿。", name=voucher_name(made)))

    # --- templates ---------------------------------------------------------------------------------------------------

    def _keep_as_template(self) -> None:
        stored = self._desk.stored
        if stored is not None:
            dialog = TemplateDialog.of_voucher(self._page, stored)
            dialog.kept.connect(lambda template: self._desk.done(tr("已存为模板“{name}”。", name=template.name)))
            dialog.open()

    def from_template(self) -> None:
        """Let the user choose a template and show it as a new voucher."""
        picker = TemplatePicker(self._page)
        picker.chosen.connect(self.show_template)
        picker.open()

    def ask_template(self, template_id: int) -> None:
        """Show a template, known by its id, as a new voucher."""

        def found(templates: TemplateList) -> None:
            for template in templates.templates:
                if template.id == template_id:
                    self.show_template(template)

        Query(lambda api: api.list_templates()).slot("template").on_done(found).run(self._page)

    def show_template(self, template: object) -> None:
        """Show a template as a new voucher, nothing saved yet."""
        sheet = self._desk.empty_sheet()
        sheet.date = self._desk.open_day()
        sheet.fill_from(template)  # type: ignore[arg-type]  # the picker gives templates only
        self._desk.show_as_typed(sheet)
