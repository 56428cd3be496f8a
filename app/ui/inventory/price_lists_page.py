"""价格表: what items cost whom, from a quantity and a day on; contacts name the list that counts for them."""

from __future__ import annotations

import re

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QShortcut, QStackedWidget, QWidget

from app.contract.inventory import PriceList, PriceListChange, PriceListInput, PriceListList, PriceRows
from app.kernel.errors import ZhangfangError
from app.ui.errors_shown import told
from app.ui.inventory.price_model import PriceModel, PriceTable
from app.ui.inventory.price_sheet import PriceColumn, PriceSheet
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.page import Page, PageContext
from app.ui.presence.differences import line_differences
from app.ui.tasks import Change, Command, Query, Topic
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to
from app.ui.widgets.question import ask
from app.ui.widgets.stale import read_stale

RIGHT_TO_EDIT = "inventory:price:edit"
_ROW = re.compile(r"rows\.(\d+)")


class PriceListsPage(Page):
    """One list at a time, its prices in a grid; they are saved as a whole."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        may_edit = context.may(RIGHT_TO_EDIT)
        self._lists: list[PriceList] = []
        self._shown: PriceList | None = None
        self._stored = PriceRows(rows=[])
        self.choice = QComboBox(self)
        self.choice.setMinimumWidth(self.fontMetrics().averageCharWidth() * 28)
        self.add_button, self.edit_button, self.save_button = QPushButton(self), QPushButton(self), QPushButton(self)
        self.save_button.setProperty("primary", True)
        self.model = PriceModel(self)
        self.model.editable = may_edit
        self.table = PriceTable(self.model, self)
        self.empty = EmptyState("price-list", self, action=self._add if may_edit else None)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.hint = QLabel(self)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        bar = FlowLayout()
        bar.addWidget(self.choice)
        for button in (self.save_button, self.add_button, self.edit_button):
            button.setVisible(may_edit)
            bar.addWidget(button)
        self.body.addLayout(bar)
        self.body.addWidget(self.stack, 1)
        self.body.addWidget(self.hint)
        self._connect()
        self.retranslate()

    def _connect(self) -> None:
        self.choice.activated.connect(lambda _place: self._choose())
        self.save_button.clicked.connect(lambda _checked: self.save())
        self.add_button.clicked.connect(lambda _checked: self._add())
        self.edit_button.clicked.connect(lambda _checked: self._edit())
        self.model.dataChanged.connect(lambda *_where: self._show_steps())
        self.model.modelReset.connect(self._show_steps)
        for key in (QKeySequence(Qt.Key.Key_F8), QKeySequence(QKeySequence.StandardKey.Save)):
            shortcut = QShortcut(key, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.save)

    # --- as a page ---------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("价格管理")

    def first_focus(self) -> QWidget | None:
        """Type at once."""
        return self.table if self._shown is not None else None

    def activate(self) -> None:
        """Ask for the lists, unless something typed would be lost."""
        if not self.has_unsaved():
            self._ask()

    def refresh(self, change: Change) -> None:
        """Ask again when prices or items changed elsewhere."""
        if change.touches(Topic.ITEMS, Topic.BOOK) and not self.has_unsaved():
            self._ask()

    def has_unsaved(self) -> bool:
        """Prices that were typed and not saved would be lost."""
        return self.model.sheet.is_changed

    def retranslate(self) -> None:
        """Set every text."""
        self.save_button.setText(tr("保存"))
        self.save_button.setToolTip(tr("保存（F8）"))
        self.add_button.setText(tr("新增价格表…"))
        self.edit_button.setText(tr("改名和停用…"))
        self.empty.set_texts(
            tr("还没有价格表。往来单位可以各用一张，如批发价、会员价；没有价格的商品按商品自己的销售价。"),
            tr("新增价格表"),
        )
        self.table.setAccessibleName(self.title())
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(PriceColumn) - 1)
        self._show_lists()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _ask(self, chosen: int | None = None) -> None:
        wanted = chosen or (self._shown.id if self._shown is not None else None)
        Query(lambda api: api.list_price_lists()).slot("lists").on_done(
            lambda listed: self._know_lists(listed, wanted)
        ).run(self)

    def _know_lists(self, listed: PriceListList, wanted: int | None) -> None:
        self._lists = listed.price_lists
        self._shown = next((found for found in self._lists if found.id == wanted), next(iter(self._lists), None))
        self._show_lists()
        self._ask_prices()

    def _show_lists(self) -> None:
        self.choice.clear()
        for found in self._lists:
            tax = tr("含税") if found.includes_tax else tr("不含税")
            name = tr("{name}（{tax}）", name=found.name, tax=tax)
            self.choice.addItem(name if found.active else tr("{name}　停用", name=name), found.id)
        if self._shown is not None:
            self.choice.setCurrentIndex(max(self.choice.findData(self._shown.id), 0))
        self.choice.setVisible(bool(self._lists))
        self.stack.setCurrentWidget(self.table if self._lists else self.empty)
        self.hint.setText(
            tr("数量达到“起订数量”、日期到“起始日期”的价格优先；留空表示不限。按 Delete 删去一行，保存时整张写入。")
            if self._lists
            else ""
        )
        self._show_steps()

    def _ask_prices(self) -> None:
        found = self._shown
        if found is None:
            self._show_prices(PriceRows(rows=[]))
            return
        Query(lambda api: api.get_prices(found.id)).slot("prices").on_done(self._show_prices).run(self)

    def _show_prices(self, prices: PriceRows) -> None:
        self._stored = prices
        self.model.show_sheet(PriceSheet(prices.rows))
        if self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, PriceColumn.ITEM))

    def _show_steps(self) -> None:
        self.save_button.setEnabled(self.has_unsaved())
        self.edit_button.setEnabled(self._shown is not None)

    # --- what happens ------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Send the whole list; a refused line is marked."""
        found = self._shown
        if found is None or not self.has_unsaved():
            return
        self.message_bar.clear()
        places, rows = self.model.sheet.rows()
        try:
            wish = PriceRows(version=self._stored.version, rows=rows)
        except ValueError as error:
            refusal = told(error)
            if not isinstance(refusal, ZhangfangError):
                raise
            self.show_error(refusal)
            return

        def refused(error: ZhangfangError) -> None:
            if self._is_chosen(found, error):
                return
            self.show_error(error)
            wrong = sorted(places[int(hit[1])] for path in error.fields if (hit := _ROW.match(path)))
            for place in wrong:
                self.model.sheet.lines[place].wrong = True
            if wrong:
                self.table.setCurrentIndex(self.model.index(wrong[0], PriceColumn.PRICE))

        def done(prices: PriceRows) -> None:
            self._show_prices(prices)
            self.show_info(tr("已保存价格表“{name}”，{count} 个价格。", name=found.name, count=len(prices.rows)))

        Command(lambda api: api.replace_prices(found.id, wish), Topic.ITEMS).on_done(done).on_error(refused).run(self)

    def _is_chosen(self, found: PriceList, error: ZhangfangError) -> bool:
        """Lay both versions side by side when somebody else saved first; False for every other refusal."""
        stale = read_stale(error, PriceRows)
        if stale is None:
            return False
        mine, theirs = self.model.sheet.line_texts(), PriceSheet(stale.theirs.rows).line_texts()
        if mine == theirs:
            self._show_prices(stale.theirs)
            return True

        def save_mine(theirs: PriceRows) -> None:
            self._stored = theirs
            self.save()

        rows = line_differences(PriceSheet(self._stored.rows).line_texts(), mine, theirs)
        stale.show(self, found.name, rows, take=self._show_prices, keep=save_mine)
        return True

    def _choose(self) -> None:
        chosen = self.choice.currentData()

        def go() -> None:
            self._shown = next((found for found in self._lists if found.id == chosen), None)
            self._ask_prices()

        if self._shown is not None and chosen == self._shown.id:
            return
        if not self.has_unsaved():
            go()
            return
        box = ask(self, tr("价格管理"), tr("有没保存的价格，放弃它们？"), tr("放弃"), go)
        box.finished.connect(lambda _result: self._show_lists())

    def _add(self) -> None:
        dialog = PriceListDialog(self, None)
        dialog.done_with.connect(lambda kept: self._ask(kept.id))
        dialog.open()

    def _edit(self) -> None:
        if self._shown is not None:
            before = self._shown.version
            dialog = PriceListDialog(self, self._shown)
            dialog.done_with.connect(lambda kept: self._head_saved(before, kept))
            dialog.open()

    def _head_saved(self, before: int, kept: PriceList) -> None:
        """The head has another version: prices that are being typed stay, and are based on it."""
        if not self.has_unsaved():
            self._ask(kept.id)
            return
        if self._stored.version == before == kept.version - 1:
            self._stored = self._stored.model_copy(update={"version": kept.version})
        self._lists = [kept if found.id == kept.id else found for found in self._lists]
        self._shown = kept
        self._show_lists()


class PriceListDialog(FormDialog):
    """A new price list, or its head."""

    done_with = pyqtSignal(object)
    """The `PriceList` as the server has it now."""

    subject = "_found"

    def __init__(self, parent: QWidget, found: PriceList | None) -> None:
        super().__init__(parent)
        self._found = found
        self.name = QLineEdit(found.name if found is not None else "", self)
        limit_to(self.name, PriceListInput, "name")
        self.includes_tax, self.active = QCheckBox(self), QCheckBox(self)
        self.includes_tax.setChecked(found is None or found.includes_tax)
        self.active.setChecked(found is None or found.active)
        self._name_label = self.add_field("name", self.name)
        self._tax_label = self.add_field("includes_tax", self.includes_tax)
        self._active_label = self.add_field("active", self.active)
        for widget in (self.active, self._active_label):
            widget.setVisible(found is not None)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("修改价格表") if self._found is not None else tr("新增价格表"))
        self._name_label.setText(tr("名称"))
        self.name.setPlaceholderText(tr("如 批发价"))
        self._tax_label.setText(tr("价格"))
        self.includes_tax.setText(tr("含税"))
        self._active_label.setText(tr("状态"))
        self.active.setText(tr("在用"))

    def again(self, stored: PriceList) -> PriceListDialog:
        """Return the form of a version of it."""
        return PriceListDialog(self, stored)

    def submit(self) -> None:
        """Send the head."""
        found, name = self._found, self.name.text().strip()
        includes_tax = self.includes_tax.isChecked()
        if found is None:
            new = PriceListInput(name=name, includes_tax=includes_tax)
            self.save_new(new, lambda api, wish: api.add_price_list(wish), done=self.done_with.emit)
            return
        change = PriceListChange(
            name=name, includes_tax=includes_tax, active=self.active.isChecked(), version=found.version
        )
        self.send(lambda api: api.change_price_list(found.id, change), done=self.done_with.emit)
