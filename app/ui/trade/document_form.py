"""The form of a document: head, lines, totals, and the ways to its neighbours; knows nothing of the server."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QFont
from PyQt5.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.contract.inventory import Warehouse
from app.contract.orders import DocumentInput
from app.kernel.money import group_thousands
from app.kernel.period import parse_date
from app.kernel.text import Message, message
from app.ui.language import tr, tr_message
from app.ui.ledger.date_field import DateField
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.ledger.pinned_row import PinnedRow
from app.ui.ledger.shades import green_ink, red_ink
from app.ui.ledger.stamp import Stamp
from app.ui.trade import document_line as cell
from app.ui.trade.contact_field import ContactField
from app.ui.trade.document_columns import document_columns
from app.ui.trade.document_links import LinkLine, link_texts
from app.ui.trade.document_sheet import DocumentSheet
from app.ui.trade.line_grid import LineGrid
from app.ui.trade.line_model import LineModel
from app.ui.trade.optional_date import OptionalDateField
from app.ui.trade.words import MOVING, contact_word, kind_name, state_name
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.limits import limit_to


class DocumentForm(QWidget):
    """Shows one `DocumentSheet` and lets it be typed into."""

    edited = pyqtSignal()
    """Something was typed that the document consists of."""
    prices_wanted = pyqtSignal()
    """Contact or date changed: prices nobody typed may be others."""
    link_wanted = pyqtSignal(str, int)
    """Kind (`voucher` too) and id of a neighbour to open."""

    def __init__(
        self,
        sheet: DocumentSheet,
        today: datetime.date,
        parent: QWidget | None = None,
        *,
        may_add_contacts: bool = False,
    ) -> None:
        super().__init__(parent)
        self._filling = False
        self._unread_discount: Message | None = None
        self._side = sheet.side
        self.model = LineModel(document_columns(), sheet, self)
        self.sheet = sheet
        self.grid = LineGrid(self.model, self)
        self.title = QLabel(self)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.number = QLabel(self)
        self.stamp = Stamp(self)
        self.contact = ContactField(sheet.side, self, may_add=may_add_contacts)
        self.date = DateField(today, self)
        self.due_date = OptionalDateField(today, self)
        self.reference = QLineEdit(self)
        self.warehouse = QComboBox(self)
        self.tax_included = QCheckBox(self)
        self.deductible = QCheckBox(self)
        self.discount = QLineEdit(self)
        self.discount.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.note = QLineEdit(self)
        for field, name in ((self.reference, "reference"), (self.note, "note")):
            limit_to(field, DocumentInput, name)
        self.labels = {name: QLabel(self) for name in ("contact", "date", "due", "reference", "warehouse")}
        self.labels |= {name: QLabel(self) for name in ("discount", "note")}
        self.concerns = QLabel(self)
        self.concerns.setWordWrap(True)
        self.concerns.setTextFormat(Qt.TextFormat.PlainText)
        self.concerns.setObjectName("concerns")
        self.concerns.hide()
        self.links = LinkLine(self)
        self.links.wanted.connect(self.link_wanted)
        self.people = QLabel(self)
        self.people.setObjectName("muted")
        header, sideways = self.grid.horizontalHeader(), self.grid.horizontalScrollBar()
        assert header is not None  # noqa: S101  # every table view has one; the stubs say it may not
        self.totals = PinnedRow(header, sideways, self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        head = QGridLayout()
        head.setVerticalSpacing(0)
        head.setColumnStretch(0, 1)
        head.setColumnStretch(2, 1)
        right = QHBoxLayout()
        right.addStretch(1)
        right.addWidget(self.stamp)
        head.addWidget(self.number, 0, 0)
        head.addWidget(self.title, 0, 1)
        head.addLayout(right, 0, 2)
        em = self.fontMetrics().height()
        self.contact.setFixedWidth(em * 15)
        self.reference.setFixedWidth(em * 9)
        self.discount.setFixedWidth(em * 6)
        facts = FlowLayout()
        for label, field in (
            ("contact", self.contact),
            ("date", self.date),
            ("due", self.due_date),
            ("reference", self.reference),
            ("warehouse", self.warehouse),
        ):
            self.labels[label].setBuddy(field)
            facts.addWidget(self.labels[label])
            facts.addWidget(field)
        facts.addWidget(self.tax_included)
        facts.addWidget(self.deductible)
        foot = QHBoxLayout()
        for label, field in (("discount", self.discount), ("note", self.note)):
            self.labels[label].setBuddy(field)
            foot.addWidget(self.labels[label])
            foot.addWidget(field, 1 if field is self.note else 0)
        foot.addWidget(self.people)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(self.grid, 1)
        lines.addWidget(self.totals)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(head)
        outer.addLayout(facts)
        outer.addWidget(self.concerns)
        outer.addLayout(lines, 1)
        outer.addLayout(foot)
        outer.addWidget(self.links)
        order = (self.contact, self.date, self.due_date, self.reference, self.warehouse, self.tax_included, self.grid)
        for before, after in zip(order, (*order[1:], self.discount), strict=True):
            QWidget.setTabOrder(before, after)
        QWidget.setTabOrder(self.discount, self.note)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        self.title.setFont(font)

    def _connect(self) -> None:
        self.model.edited.connect(self._lines_edited)
        self.contact.chosen.connect(lambda _value: self._head_edited(prices=True))
        self.contact.returnPressed.connect(self._to_lines)
        self.date.date_changed.connect(lambda: self._head_edited(prices=True))
        self.due_date.date_changed.connect(self._head_edited)
        self.reference.textEdited.connect(lambda _text: self._head_edited())
        self.note.textEdited.connect(lambda _text: self._head_edited())
        self.warehouse.currentIndexChanged.connect(lambda _place: self._head_edited())
        self.tax_included.toggled.connect(lambda _on: self._head_edited(prices=True))
        self.deductible.toggled.connect(lambda _on: self._head_edited())
        self.discount.editingFinished.connect(self._discount_typed)
        rows = self.grid.verticalHeader()
        if rows is not None:
            rows.geometriesChanged.connect(self._align_totals)

    # --- showing -----------------------------------------------------------------------------------------------------

    def show_sheet(self, sheet: DocumentSheet) -> None:
        """Show a document, new or stored."""
        self.sheet = sheet
        self._unread_discount = None
        self._filling = True
        try:
            self.contact.show_partner(sheet.partner)
            self.date.set_date(parse_date(sheet.date))
            self.due_date.show_wire(sheet.due_date)
            self.reference.setText(sheet.reference)
            self.tax_included.setChecked(sheet.prices_include_tax)
            self.deductible.setChecked(sheet.deductible)
            self.discount.setText(group_thousands(sheet.discount) if sheet.discount else "")
            self.note.setText(sheet.note)
            self._show_warehouse()
        finally:
            self._filling = False
        for field in (self.contact, self.date, self.due_date, self.reference, self.discount, self.note):
            field.setReadOnly(not sheet.editable)
            mark_wrong(field, False)
        self.warehouse.setEnabled(sheet.editable)
        for box in (self.tax_included, self.deductible):
            # a disabled box hardly shows whether it is ticked
            box.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not sheet.editable)
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus if sheet.editable else Qt.FocusPolicy.NoFocus)
        for widget in (self.due_date, self.labels["due"]):
            widget.setVisible(sheet.kind not in MOVING)
        self.deductible.setVisible(sheet.kind in {"purchase_invoice", "purchase_credit"})
        self.model.show_sheet(sheet)
        self.show_state()

    def set_warehouses(self, warehouses: Sequence[Warehouse]) -> None:
        """Offer the book's warehouses; with fewer than two there is nothing to choose."""
        self._filling = True
        try:
            self.warehouse.clear()
            self.warehouse.addItem("", None)
            for one in warehouses:
                self.warehouse.addItem(one.name, one.id)
            self.warehouse.setItemText(0, tr("（默认）"))
            self._show_warehouse()
        finally:
            self._filling = False
        for widget in (self.warehouse, self.labels["warehouse"]):
            widget.setVisible(len(warehouses) > 1)

    def _show_warehouse(self) -> None:
        self.warehouse.setCurrentIndex(max(self.warehouse.findData(self.sheet.one_warehouse()), 0))

    def show_state(self) -> None:
        """Show number, stamp, neighbours and sums of the document."""
        sheet, palette = self.sheet, self.palette()
        stored = sheet.stored
        self.title.setText(kind_name(sheet.kind))
        self.number.setText(stored.number if stored is not None and stored.number else tr("（待编号）"))
        stamps = {
            "open": palette.color(palette.Link),
            "done": green_ink(palette),
            "closed": palette.color(palette.Dark),
            "cancelled": red_ink(palette),
        }
        state = stored.state if stored is not None else "draft"
        self.stamp.show_text(
            state_name(state, sheet.kind) if state in stamps else "", stamps.get(state, red_ink(palette))
        )
        self.people.setText(tr("制单：{name}", name=stored.maker) if stored is not None else "")
        self.links.show_links(link_texts(stored) if stored is not None else "")
        self.show_computed()

    def show_computed(self) -> None:
        """Show what the server computed: amounts, totals, concerns."""
        self.model.redraw()
        self.grid.show_columns(self.sheet.wanted_columns() | self.extra_columns)
        self.concerns.setText("\n".join(f"⚠ {one}" for one in self.sheet.concerns) if self.sheet.editable else "")
        palette = self.concerns.palette()
        palette.setColor(palette.WindowText, red_ink(self.palette()))
        self.concerns.setPalette(palette)
        self.concerns.setVisible(bool(self.concerns.text()))
        texts = [""] * len(self.model.columns)
        capital = self.sheet.capital()
        texts[0] = tr("合计：{capital}", capital=capital) if capital else tr("合计")
        for name, amount in (
            (cell.NET, self.sheet.net),
            (cell.TAX, self.sheet.tax),
            (cell.GROSS, self.sheet.gross),
        ):
            texts[self.model.place_of(name)] = group_thousands(amount) if amount.strip("-0.") else ""
        self.totals.show_texts(texts, left=frozenset({0}))
        self.totals.clearSpans()
        self.totals.setSpan(0, 0, 1, self.model.place_of(cell.NET))
        self._align_totals()

    extra_columns: frozenset[str] = frozenset()
    """Columns shown although no row has use for them yet."""

    def show_extra(self, name: str, *, shown: bool) -> None:
        """Show an optional column, or only where a row has use for it."""
        self.extra_columns = self.extra_columns | {name} if shown else self.extra_columns - {name}
        self.show_computed()

    def _align_totals(self) -> None:
        rows = self.grid.verticalHeader()
        if rows is not None:
            self.totals.set_indent(rows.width())

    # --- typing ------------------------------------------------------------------------------------------------------

    def collect(self) -> DocumentSheet:
        """Close the open cell, read the head, and return the sheet."""
        self.grid.commit()
        self._discount_typed()
        self._read_head()
        return self.sheet

    def _read_head(self) -> None:
        sheet = self.sheet
        if sheet.editable:
            sheet.partner = self.contact.partner
            sheet.date, sheet.due_date = self.date.wire, self.due_date.wire
            sheet.reference, sheet.note = self.reference.text().strip(), self.note.text().strip()
            sheet.warehouse_id = self.warehouse.currentData()
            sheet.prices_include_tax = self.tax_included.isChecked()
            sheet.deductible = self.deductible.isChecked()

    def _head_edited(self, *, prices: bool = False) -> None:
        if not self._filling:
            self._read_head()
            self.edited.emit()
            if prices:
                self.prices_wanted.emit()

    def _lines_edited(self) -> None:
        self.grid.show_columns(self.sheet.wanted_columns() | self.extra_columns)
        self.edited.emit()

    def _discount_typed(self) -> None:
        if self._filling or not self.sheet.editable:
            return
        before = self.sheet.discount
        why = self.sheet.type_discount(self.discount.text())
        self.discount.setModified(False)
        self._unread_discount = why
        mark_wrong(self.discount, why is not None)
        self.discount.setToolTip(tr_message(why) if why is not None else tr("金额，或按百分比写成 5%"))
        if why is None and self.sheet.discount != before:
            self.discount.setText(group_thousands(self.sheet.discount) if self.sheet.discount else "")
            self.edited.emit()

    def unread_head(self) -> tuple[QWidget, Message] | None:
        """Return the first field of the head whose text means nothing, and why."""
        typed = self.contact.text().strip()
        if typed and self.contact.partner is None and self.sheet.editable:
            return self.contact, message("没有找到“{text}”。", text=typed)
        if self._unread_discount is not None:
            return self.discount, self._unread_discount
        return None

    def is_typing(self) -> bool:
        """Tell whether something stands in a field that the sheet does not know yet."""
        editor = self.grid.editor
        lost = bool(self.contact.text().strip()) and self.contact.partner is None
        return (editor is not None and editor.isModified()) or self.discount.isModified() or lost

    def _to_lines(self) -> None:
        if self.contact.partner is not None and self.sheet.editable:
            row = next((r for r, line in enumerate(self.sheet.lines) if line.is_empty), 0)
            self.grid.go(row, cell.ITEM)

    def mark_refused(self, fields: Mapping[str, Message]) -> None:
        """Mark what the server refused, and go to the first cell among it."""
        heads: dict[str, QWidget] = {
            "contact_id": self.contact,
            "date": self.date,
            "due_date": self.due_date,
            "reference": self.reference,
            "warehouse_id": self.warehouse,
            "discount": self.discount,
            "note": self.note,
        }
        for name, widget in heads.items():
            mark_wrong(widget, name in fields)
        cells = self.sheet.mark_refused(fields)
        self.model.redraw()
        first = next((widget for name, widget in heads.items() if name in fields), None)
        if first is not None:
            first.setFocus()
        elif cells:
            row, name = cells[0]
            self.grid.go(row, name if name in {column.name for column in self.model.columns} else cell.ITEM)

    def mark_quietly(self, fields: Mapping[str, Message]) -> None:
        """Mark the cells that cannot be computed, and leave the keyboard where it is."""
        self.sheet.mark_refused(fields)
        self.model.redraw()

    def retranslate(self) -> None:
        """Set every text in the window's language."""
        texts: dict[str, Callable[[], str]] = {
            "contact": lambda: contact_word(self._side),
            "date": lambda: tr("日期"),
            "due": lambda: tr("到期日"),
            "reference": lambda: tr("对方单号"),
            "warehouse": lambda: tr("仓库"),
            "discount": lambda: tr("整单折扣"),
            "note": lambda: tr("备注"),
        }
        for name, text in texts.items():
            self.labels[name].setText(text())
        self.tax_included.setText(tr("单价含税"))
        self.deductible.setText(tr("进项税可抵扣"))
        self.deductible.setToolTip(tr("专用发票等可以抵扣的；普通发票的税额计入成本"))
        self.discount.setToolTip(tr("金额，或按百分比写成 5%"))
        self.due_date.setPlaceholderText(tr("按账期"))
        if self.warehouse.count():
            self.warehouse.setItemText(0, tr("（默认）"))
        self.grid.setAccessibleName(tr("单据明细"))
        self.model.retranslate()
        self.show_state()
