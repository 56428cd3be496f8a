"""凭证模板: templates, when they come due, and making a month's recurring vouchers."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAbstractItemView, QLabel, QPushButton, QTreeWidget, QTreeWidgetItem, QWidget

from app.contract.ledger import BatchResult
from app.contract.voucher_work import DueVoucher, DueVoucherList, MakeDue, Template, TemplateList
from app.kernel.ids import new_request_id
from app.kernel.period import format_period, parse_period, period_of
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.template_dialog import TemplateDialog
from app.ui.navigation import NewVoucher, OpenVoucher
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.period_picker import PeriodPicker
from app.ui.widgets.question import ask

CHANGED = (Topic.VOUCHERS, Topic.BALANCES, Topic.PERIODS)


class TemplatesPage(Page):
    """Above the templates, below what comes due in a month."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._asked = False
        self.use = QPushButton(self)
        self.use.setProperty("primary", True)
        self.change = QPushButton(self)
        self.remove = QPushButton(self)
        self.templates = _tree(4, self)
        self.empty = EmptyState("template", self)
        self.due_title = QLabel(self)
        self.due_title.setObjectName("sectionTitle")
        self.month = PeriodPicker(max(period_of(context.today()), parse_period(context.book.start)), self)
        self.make = QPushButton(self)
        self.due = _tree(3, self)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        bar = FlowLayout()
        for button in (self.use, self.change, self.remove):
            bar.addWidget(button)
        below = FlowLayout()
        for widget in (self.due_title, self.month, self.make):
            below.addWidget(widget)
        self.body.addLayout(bar)
        self.body.addWidget(self.templates, 3)
        self.body.addWidget(self.empty, 3)
        self.body.addLayout(below)
        self.body.addWidget(self.due, 2)
        self.body.addWidget(self.hint)
        self.empty.hide()
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self.use.clicked.connect(lambda _checked: self._use())
        self.change.clicked.connect(lambda _checked: self._change())
        self.remove.clicked.connect(lambda _checked: self._remove())
        self.make.clicked.connect(lambda _checked: self._make())
        self.month.changed.connect(lambda *_period: self._ask_due())
        self.templates.itemActivated.connect(lambda _item: self._use())
        self.templates.currentItemChanged.connect(lambda *_items: self._show_steps())
        self.due.itemActivated.connect(self._open_made)

    # --- the page ----------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("凭证模板")

    def first_focus(self) -> QWidget | None:
        """The keyboard starts in the list."""
        return self.templates

    def activate(self) -> None:
        """Ask once; later `refresh` tells of changes."""
        if not self._asked:
            self._asked = True
        self._ask()

    def refresh(self, change: Change) -> None:
        """Ask again when vouchers changed: one made from a template may be gone."""
        if change.touches(Topic.VOUCHERS, Topic.BOOK) and self._asked:
            self._ask()

    def retranslate(self) -> None:
        """Set every text."""
        self.use.setText(tr("填制凭证"))
        self.change.setText(tr("修改…"))
        self.remove.setText(tr("删除"))
        self.make.setText(tr("生成本月未生成的"))
        self.due_title.setText(tr("定期凭证"))
        self.templates.setHeaderLabels([tr("模板名称"), tr("定期"), tr("期间"), tr("上次生成")])
        self.due.setHeaderLabels([tr("模板名称"), tr("日期"), tr("凭证")])
        self.templates.setAccessibleName(self.title())
        self.due.setAccessibleName(tr("定期凭证"))
        self.hint.setText(tr("定期凭证生成为草稿，每个月只生成一次；草稿删除后可以重新生成。"))
        self.empty.set_texts(tr("还没有模板。打开一张凭证，在“更多”里选“存为模板…”。"))
        for row in range(self.templates.topLevelItemCount()):
            item = self.templates.topLevelItem(row)
            if item is not None:
                _show_template(item, item.data(0, Qt.ItemDataRole.UserRole))
        self._show_steps()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        Query(lambda api: api.list_templates()).slot("templates").on_done(self._show_templates).run(self)
        self._ask_due()

    def _ask_due(self) -> None:
        period = format_period(self.month.period)
        Query(lambda api: api.list_due(period)).slot("due").on_done(self._show_due).run(self)

    def _show_templates(self, found: TemplateList) -> None:
        current = self.current()
        self.templates.clear()
        for template in found.templates:
            item = QTreeWidgetItem()
            item.setData(0, Qt.ItemDataRole.UserRole, template)
            _show_template(item, template)
            self.templates.addTopLevelItem(item)
            if current is not None and template.id == current.id:
                self.templates.setCurrentItem(item)
        if self.templates.currentItem() is None:
            self.templates.setCurrentItem(self.templates.topLevelItem(0))
        for column in range(1, 4):
            self.templates.resizeColumnToContents(column)
        self.templates.setVisible(bool(found.templates))
        self.empty.setVisible(not found.templates)
        self._show_steps()

    def _show_due(self, found: DueVoucherList) -> None:
        self.due.clear()
        for due in found.due:
            item = QTreeWidgetItem([due.name, due.date, due.voucher or tr("未生成")])
            item.setData(0, Qt.ItemDataRole.UserRole, due)
            self.due.addTopLevelItem(item)
        self.due.resizeColumnToContents(1)
        self.due.setColumnWidth(1, self.due.columnWidth(1) + self.fontMetrics().height())
        self.make.setEnabled(
            any(due.voucher_id is None for due in found.due) and self.context.may("ledger:voucher:add")
        )

    def current(self) -> Template | None:
        """Return the template with the cursor."""
        item = self.templates.currentItem()
        template = item.data(0, Qt.ItemDataRole.UserRole) if item is not None else None
        return template if isinstance(template, Template) else None

    def _show_steps(self) -> None:
        chosen = self.current() is not None
        for button, right in (
            (self.use, "ledger:voucher:add"),
            (self.change, "ledger:template:edit"),
            (self.remove, "ledger:template:remove"),
        ):
            button.setVisible(self.context.may(right))
            button.setEnabled(chosen)

    # --- what is done ------------------------------------------------------------------------------------------------

    def _use(self) -> None:
        template = self.current()
        if template is not None and self.context.may("ledger:voucher:add"):
            self.context.open_target(NewVoucher(template.id))

    def _change(self) -> None:
        template = self.current()
        if template is not None:
            dialog = TemplateDialog.of_template(self, template)
            dialog.kept.connect(lambda _template: self._ask())
            dialog.open()

    def _remove(self) -> None:
        template = self.current()
        if template is None:
            return

        def remove() -> None:
            Command(lambda api: api.remove_template(template.id, template.version)).on_done(
                lambda _nothing: self._ask()
            ).on_error(self.show_error).run(self)

        text = tr("删除模板“{name}”？由它生成的凭证不受影响。", name=template.name)
        ask(self, tr("删除模板"), text, tr("删除"), remove)

    def _make(self) -> None:
        wish = MakeDue(period=format_period(self.month.period), request_id=new_request_id())

        def done(result: BatchResult) -> None:
            self.show_info(tr("已生成 {done} 张草稿。", done=result.done))
            if result.refused:
                reasons = "　".join(f"{refusal.where}：{refusal.reason}" for refusal in result.refused)
                self.message_bar.show_warning(reasons)
            self._ask()

        Command(lambda api: api.make_due(wish), *CHANGED).on_done(done).on_error(self.show_error).run(self)

    def _open_made(self, item: QTreeWidgetItem) -> None:
        due = item.data(0, Qt.ItemDataRole.UserRole)
        if isinstance(due, DueVoucher) and due.voucher_id is not None:
            self.context.open_target(OpenVoucher(due.voucher_id))


def _tree(columns: int, parent: QWidget) -> QTreeWidget:
    tree = QTreeWidget(parent)
    tree.setColumnCount(columns)
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setAlternatingRowColors(True)
    tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    tree.setMinimumHeight(tree.fontMetrics().height() * 6)
    tree.setColumnWidth(0, tree.fontMetrics().averageCharWidth() * 50)
    return tree


def _show_template(item: QTreeWidgetItem, template: Template) -> None:
    texts = (
        template.name,
        recurrence_text(template),
        " – ".join((template.first_period, template.last_period or "…")) if template.every_months else "",
        template.last_made,
    )
    for column, text in enumerate(texts):
        item.setText(column, text)


def recurrence_text(template: Template) -> str:
    """Say when a template comes due."""
    if not template.every_months:
        return ""
    if template.every_months == 1:
        return tr("每月 {day} 日", day=template.day)
    return tr("每 {months} 个月的 {day} 日", months=template.every_months, day=template.day)
