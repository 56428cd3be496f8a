"""Reviewing, signing and posting many vouchers from the list: in the background, with progress and a way to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PyQt5.QtWidgets import QMenu, QPushButton, QWidget

from app.contract.ledger import BatchResult
from app.contract.voucher_work import BatchWork
from app.kernel.errors import ZhangfangError
from app.kernel.ids import new_request_id
from app.ui.icons import icon
from app.ui.jobs import finish_job
from app.ui.language import tr
from app.ui.ledger.batch_report import BatchReport
from app.ui.tasks import LongCommand, Topic
from app.ui.widgets.progress_strip import ProgressStrip
from app.ui.widgets.question import ask

CHANGED = (Topic.VOUCHERS, Topic.BALANCES, Topic.PERIODS)
VERBS = ("review", "sign", "post")
KEYS = {"review": "F9", "sign": "", "post": "Ctrl+F9"}
PICTURES = {"review": "review", "sign": "key", "post": "post"}


class VoucherBatches:
    """Three buttons with menus; `selected` gives the ids chosen, `months` the first and last month shown."""

    def __init__(
        self,
        page: QWidget,
        selected: Callable[[], Sequence[int]],
        months: Callable[[], tuple[str, str]],
        tell: Callable[[str], None],
        warn: Callable[[str], None],
        failed: Callable[[ZhangfangError], None],
    ) -> None:
        self._page = page
        self._selected = selected
        self._months = months
        self._tell, self._warn, self._failed = tell, warn, failed
        self.report = BatchReport(page)
        self.strip = ProgressStrip(page)
        self.buttons: dict[str, QPushButton] = {}
        self._menus: dict[str, QMenu] = {}
        for verb in VERBS:
            self.buttons[verb] = QPushButton(icon(PICTURES[verb]), "", page)
            self._menus[verb] = self._menu(verb)

    def _menu(self, verb: str) -> QMenu:
        menu = QMenu(self._page)
        for act in (lambda: self.selected(verb), lambda: self.months(verb)):
            action = menu.addAction("")
            if action is not None:
                action.triggered.connect(lambda _checked, act=act: act())
        self.buttons[verb].setMenu(menu)
        self.buttons[verb].setProperty("opensMenu", True)
        return menu

    def retranslate(self) -> None:
        """Set every text."""
        texts = {
            "review": (tr("审核"), tr("审核选中的凭证"), tr("审核这些月份里的全部草稿")),
            "sign": (tr("出纳签字"), tr("签字选中的凭证"), tr("签字这些月份里没签字的全部收付凭证")),
            "post": (tr("记账"), tr("记账选中的凭证"), tr("记账这些月份里已审核的全部凭证")),
        }
        for verb, (name, *lines) in texts.items():
            self.buttons[verb].setText(name)
            for action, text, keys in zip(self._menus[verb].actions(), lines, (KEYS[verb], ""), strict=True):
                action.setText(f"{text}\t{keys}" if keys else text)
        self.report.retranslate()

    def selected(self, verb: str) -> None:
        """Do it to the vouchers chosen in the list."""
        ids = list(self._selected())
        if ids:
            self._run(verb, BatchWork.model_validate({"act": verb, "ids": ids, "request_id": new_request_id()}))
        else:
            self._warn(tr("请先选中要处理的凭证。"))

    def months(self, verb: str) -> None:
        """Do it to all that are ready in the months shown, after a question."""
        first, last = self._months()
        span = first if first == last else f"{first} – {last}"
        questions = {
            "review": tr("审核 {span} 的全部草稿？", span=span),
            "sign": tr("在 {span} 没签字的全部收付凭证上签字？", span=span),
            "post": tr("记账 {span} 已审核的全部凭证？记账后不能再修改。", span=span),
        }
        title = self.buttons[verb].text()
        wish = BatchWork.model_validate(
            {"act": verb, "from_period": first, "to_period": last, "request_id": new_request_id()}
        )
        ask(self._page, title, questions[verb], title, lambda: self._run(verb, wish))

    def _run(self, verb: str, wish: BatchWork) -> None:
        for button in self.buttons.values():
            button.setEnabled(False)

        def shown(found: dict[str, Any]) -> None:
            result = BatchResult.model_validate(found)
            texts = {
                "review": tr("已审核 {done} 张。", done=result.done),
                "sign": tr("已签字 {done} 张。", done=result.done),
                "post": tr("已记账 {done} 张。", done=result.done),
            }
            self._tell(texts[verb])
            self.report.show_refusals(result.refused, verb=verb)

        def always() -> None:
            for button in self.buttons.values():
                button.setEnabled(True)

        LongCommand(lambda api, progress: finish_job(api, api.start_batch(wish), progress), *CHANGED).shown_by(
            self.strip, tr("正在处理凭证")
        ).on_done(shown).on_error(self._failed).always(always).run(self._page)
