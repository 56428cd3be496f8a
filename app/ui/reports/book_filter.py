"""The filters above a book: account, auxiliary item, order, vouchers; each shown where its book takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QSpinBox, QWidget

from app.client.api import ApiClient
from app.contract.ledger import AuxiliaryKind, AuxiliaryQuery
from app.ui.language import tr
from app.ui.ledger.account_index import AccountIndex, account_name
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.words import is_english
from app.ui.reports.book_tables import ACCOUNT_ORDERS, Book
from app.ui.widgets.item_lookup import ItemLookup
from app.ui.widgets.limits import limit_length
from app.ui.widgets.lookup_edit import Choice, LookupEdit
from app.ui.widgets.period_picker import PeriodRangePicker

MOST_CHOICES = 100
LEVELS = (1, 2, 3, 4, 0)
MOST_NUMBER = 999_999


@dataclass(frozen=True)
class Wishes:
    """What the filters say, whether the book takes it or not."""

    account_code: str = ""
    aux: str = ""
    order: str = ""
    word: str = ""
    from_number: int = 0
    to_number: int = 0
    level: int = 0
    item: str = ""
    warehouse: str = ""
    category: str = ""


_FIELDS = ("account", "kind", "goods", "warehouse", "category", "order", "word", "numbers", "level")


class BookFilter(QWidget):
    """The fields; `changed` tells that the book should be asked for again."""

    changed = pyqtSignal()

    def __init__(self, month: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._index = AccountIndex()
        self._kinds: Sequence[AuxiliaryKind] = ()
        self._orders: tuple[str, ...] = ACCOUNT_ORDERS
        self._code = ""
        self._aux = ""
        self._item_code = ""
        self.account = LookupEdit(self, local=self._find_accounts)
        self.kind = QComboBox(self)
        self.item = LookupEdit(self, server=self._find_items)
        self.order = QComboBox(self)
        self.word = QLineEdit(self)
        limit_length(self.word, 10)
        self.first_number, self.last_number = QSpinBox(self), QSpinBox(self)
        self.level = QComboBox(self)
        self.goods = ItemLookup(self, kind="goods")
        self.warehouse, self.category = QComboBox(self), QComboBox(self)
        for box in (self.warehouse, self.category):
            box.addItem("", "")
        self.periods = PeriodRangePicker(month, month, self)
        self.unposted = QCheckBox(self)
        self._labels = {name: QLabel(self) for name in _FIELDS}
        self.bar = FlowLayout(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        figure = self.fontMetrics().averageCharWidth()
        self.account.setMinimumWidth(figure * 30)
        self.item.setMinimumWidth(figure * 26)
        self.goods.setMinimumWidth(figure * 30)
        self.word.setMaximumWidth(figure * 8)
        for box in (self.first_number, self.last_number):
            box.setRange(0, MOST_NUMBER)
            box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
            box.setMaximumWidth(figure * 11)
        pairs = (
            ("account", (self.account,)),
            ("kind", (self.kind, self.item)),
            ("goods", (self.goods,)),
            ("warehouse", (self.warehouse,)),
            ("category", (self.category,)),
            ("order", (self.order,)),
            ("word", (self.word,)),
            ("numbers", (self.first_number, self.last_number)),
            ("level", (self.level,)),
        )
        self.bar.addWidget(self.periods)
        for name, fields in pairs:
            self._labels[name].setBuddy(fields[0])
            self.bar.addWidget(self._labels[name])
            for field in fields:
                self.bar.addWidget(field)
        self.bar.addWidget(self.unposted)

    def _connect(self) -> None:
        self.account.chosen.connect(self._account_chosen)
        self.kind.activated.connect(lambda _place: self._kind_chosen())
        self.item.chosen.connect(self._item_chosen)
        self.goods.chosen.connect(lambda _item: self.changed.emit())
        for box in (self.order, self.level, self.warehouse, self.category):
            box.activated.connect(lambda _place: self.changed.emit())
        for field in (self.word, self.first_number, self.last_number):
            field.editingFinished.connect(self.changed.emit)
        self.periods.changed.connect(lambda *_months: self.changed.emit())
        self.unposted.toggled.connect(lambda _on: self.changed.emit())

    def show_for(self, book: Book) -> None:
        """Show the fields that a book takes."""
        shown = {
            "account": (self.account,),
            "kind": (self.kind, self.item),
            "goods": (self.goods,),
            "warehouse": (self.warehouse,),
            "category": (self.category,),
            "order": (self.order,),
            "word": (self.word,),
            "numbers": (self.first_number, self.last_number),
            "level": (self.level,),
        }
        if book.orders != self._orders:
            self._orders = book.orders
            self.order.setCurrentIndex(0)
            self._show_orders()
        self.unposted.setVisible(book.counts_unposted)
        needs = {"kind": "aux", "goods": "item", "word": "vouchers", "numbers": "vouchers", "level": "vouchers"}
        for name, fields in shown.items():
            is_shown = needs.get(name, name) in book.filters
            for widget in (self._labels[name], *fields):
                widget.setVisible(is_shown)

    def wishes(self) -> Wishes:
        """Return what is asked for."""
        kind = self.kind.currentData() or ""
        return Wishes(
            account_code=self._code,
            aux=self._aux or kind,
            order=self._orders[max(self.order.currentIndex(), 0)],
            word=self.word.text().strip(),
            from_number=self.first_number.value(),
            to_number=self.last_number.value(),
            level=LEVELS[max(self.level.currentIndex(), 0)],
            item=self._goods_code(),
            warehouse=self.warehouse.currentData() or "",
            category=self.category.currentData() or "",
        )

    def _goods_code(self) -> str:
        return self.goods.item.code if self.goods.item is not None else self._item_code

    def set_goods(self, code: str) -> None:
        """Ask for an item by its code, without telling anybody."""
        self._item_code = code
        self.goods.set_choice(Choice(None, code) if code else None)

    def know_places(self, warehouses: Sequence[str], categories: Sequence[str]) -> None:
        """Take the names of the warehouses and of the categories of items."""
        for box, names in ((self.warehouse, warehouses), (self.category, categories)):
            chosen = box.currentData()
            while box.count() > 1:
                box.removeItem(1)
            for name in names:
                box.addItem(name, name)
            box.setCurrentIndex(max(box.findData(chosen), 0))

    def set_account(self, code: str) -> None:
        """Ask for an account, without telling anybody."""
        self._code = code
        self._show_account()

    def set_aux(self, aux: str) -> None:
        """Ask for auxiliaries (`客户:甲公司`), without telling anybody."""
        self._aux = aux if ":" in aux else ""
        self.item.set_choice(Choice(aux, aux) if self._aux else None)
        kind = aux.partition(":")[0] if ";" not in aux else ""
        self.kind.setCurrentIndex(max(self.kind.findData(kind), 0))

    def know_accounts(self, index: AccountIndex) -> None:
        """Take the chart."""
        self._index = index
        self._show_account()

    def english_names(self) -> dict[str, str]:
        """Return the accounts' English names by code while the window speaks English; none otherwise."""
        if not is_english():
            return {}
        return {account.code: account_name(account, english=True) for account in self._index.accounts}

    def know_kinds(self, kinds: Sequence[AuxiliaryKind]) -> None:
        """Take the kinds of auxiliaries there are."""
        self._kinds = kinds
        self._show_kinds()

    def retranslate(self) -> None:
        """Set every text."""
        names = {
            "account": tr("科目"),
            "kind": tr("辅助核算"),
            "goods": tr("商品"),
            "warehouse": tr("仓库"),
            "category": tr("类别"),
            "order": tr("排列"),
            "word": tr("凭证字"),
            "numbers": tr("凭证号"),
            "level": tr("汇总到"),
        }
        for name, text in names.items():
            self._labels[name].setText(text)
        self.account.setPlaceholderText(tr("全部科目"))
        self.goods.setPlaceholderText(tr("编码、名称、条码或拼音首字母"))
        self.warehouse.setItemText(0, tr("全部仓库"))
        self.category.setItemText(0, tr("全部商品类别"))
        self.item.setPlaceholderText(tr("全部项目"))
        self.word.setPlaceholderText(tr("全部"))
        for box in (self.first_number, self.last_number):
            box.setSpecialValueText(tr("不限"))
        self.first_number.setAccessibleName(tr("起始凭证号"))
        self.last_number.setAccessibleName(tr("截止凭证号"))
        self.kind.setAccessibleName(tr("辅助核算"))
        self.unposted.setText(tr("含未记账"))
        self._show_orders()
        _refill(self.level, [tr("第 {level} 级", level=level) for level in LEVELS[:-1]] + [tr("全部级次")])
        self._show_kinds()
        self._show_account()

    def _show_orders(self) -> None:
        if self._orders == ACCOUNT_ORDERS:
            _refill(self.order, [tr("先科目后项目"), tr("先项目后科目")])
            return
        names = {"item": tr("按商品"), "contact": tr("按往来单位"), "month": tr("按月份")}
        names |= {"warehouse": tr("按仓库"), "lot": tr("按批次"), "category": tr("按类别")}
        _refill(self.order, [names[order] for order in self._orders])

    def _show_kinds(self) -> None:
        chosen = self.kind.currentData()
        self.kind.clear()
        self.kind.addItem(tr("全部"), "")
        for kind in self._kinds:
            self.kind.addItem((kind.name_en or kind.name) if is_english() else kind.name, kind.name)
        self.kind.setCurrentIndex(max(self.kind.findData(chosen), 0))

    def _show_account(self) -> None:
        name = self._index.full_name(self._code, english=is_english())
        self.account.set_choice(Choice(self._code, f"{self._code} {name}".strip()) if self._code else None)

    def _find_accounts(self, text: str) -> list[Choice]:
        english = is_english()
        found = self._index.search(text, limit=MOST_CHOICES, active=False, english=english)
        return [
            Choice(
                account.code, f"{account.code} {self._index.full_name(account.code, english=english)}", account.pinyin
            )
            for account in found
        ]

    def _find_items(self, api: ApiClient, text: str) -> list[Choice]:
        kind = self.kind.currentData() or ""
        page = api.list_auxiliaries(AuxiliaryQuery(kind=kind, q=text, limit=MOST_CHOICES))
        return [
            Choice(f"{item.kind}:{item.name}", f"{item.kind}:{item.name}", item.pinyin) for item in page.auxiliaries
        ]

    def _account_chosen(self, code: str | None) -> None:
        self.set_account(code or "")
        self.changed.emit()

    def _kind_chosen(self) -> None:
        self._aux = ""
        self.item.set_choice(None)
        self.changed.emit()

    def _item_chosen(self, aux: str | None) -> None:
        self.set_aux(aux or self.kind.currentData() or "")
        self.changed.emit()


def _refill(box: QComboBox, texts: Sequence[str]) -> None:
    chosen = max(box.currentIndex(), 0)
    box.clear()
    box.addItems(texts)
    box.setCurrentIndex(chosen)
