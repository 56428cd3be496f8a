"""Names a template, and says whether it comes due by itself."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QLabel, QLineEdit, QSpinBox, QWidget

from app.contract.ledger import Voucher
from app.contract.voucher_work import Template, TemplateEntry, TemplateInput
from app.ui.language import tr
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to


class TemplateDialog(FormDialog):
    """A new template of a voucher, or one that is changed."""

    kept = pyqtSignal(object)
    """The `Template`."""

    subject = "_template"

    def __init__(self, parent: QWidget, template: Template | None, entries: list[TemplateEntry], word: str) -> None:
        super().__init__(parent)
        self._template = template
        self._entries = entries
        self._word = word
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self.form.addRow(self._text)
        self.name = QLineEdit(self)
        limit_to(self.name, TemplateInput, "name")
        self._labels = {"name": self.add_field("name", self.name)}
        self.recurs = QCheckBox(self)
        self.form.addRow("", self.recurs)
        self.every = _number(1, 120, self)
        self.day = _number(1, 31, self)
        self.first = QLineEdit(self)
        self.last = QLineEdit(self)
        for name, field in (
            ("every_months", self.every),
            ("day", self.day),
            ("first_period", self.first),
            ("last_period", self.last),
        ):
            self._labels[name] = self.add_field(name, field)
        self.recurs.toggled.connect(self._show_recurrence)
        self._fill()
        self.retranslate()
        self._show_recurrence(self.recurs.isChecked())

    @classmethod
    def of_voucher(cls, parent: QWidget, voucher: Voucher) -> TemplateDialog:
        """Keep a stored voucher as a new template."""
        dialog = cls(parent, None, [template_entry(voucher, place) for place in range(len(voucher.entries))], "")
        dialog.name.setText(voucher.summary[:60])
        dialog.first.setText(voucher.period)
        dialog.day.setValue(int(voucher.date[-2:]))
        return dialog

    @classmethod
    def of_template(cls, parent: QWidget, template: Template) -> TemplateDialog:
        """Change a template's name and when it comes due."""
        return cls(parent, template, template.entries, template.word)

    def _fill(self) -> None:
        template = self._template
        if template is not None:
            self.name.setText(template.name)
            self.recurs.setChecked(template.every_months > 0)
            self.every.setValue(max(template.every_months, 1))
            self.day.setValue(template.day)
            self.first.setText(template.first_period)
            self.last.setText(template.last_period)

    def _show_recurrence(self, recurs: bool) -> None:
        for field in (self.every, self.day, self.first, self.last):
            field.setEnabled(recurs)

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("凭证模板"))
        self._text.setText(
            tr(
                "模板记下 {count} 行分录。摘要里可以写 {year} 和 {month}，生成凭证时换成年份和月份。",
                count=len(self._entries),
                year="{年}",
                month="{月}",
            )
        )
        names = {
            "name": tr("模板名称"),
            "every_months": tr("每隔几个月"),
            "day": tr("每月几日"),
            "first_period": tr("开始月份"),
            "last_period": tr("结束月份"),
        }
        for name, label in self._labels.items():
            label.setText(names[name])
        self.recurs.setText(tr("定期生成草稿"))
        self.first.setPlaceholderText("2026-06")
        self.last.setPlaceholderText(tr("不填就一直生成"))
        self.ok_button.setText(tr("保存"))

    def again(self, stored: Template) -> TemplateDialog:
        """Return the form of a version of it."""
        return TemplateDialog(self, stored, self._entries, self._word)

    def submit(self) -> None:
        """Send it."""
        recurs = self.recurs.isChecked()
        template = self._template
        wish = TemplateInput(
            name=self.name.text(),
            word=self._word,
            entries=self._entries,
            every_months=self.every.value() if recurs else 0,
            day=self.day.value(),
            first_period=self.first.text().strip() if recurs else "",
            last_period=self.last.text().strip() if recurs else "",
            version=template.version if template else None,
        )
        if template is None:
            self.save_new(wish, lambda api, new: api.add_template(new), done=self.kept.emit)
        else:
            self.send(lambda api: api.change_template(template.id, wish), done=self.kept.emit)


def _number(low: int, high: int, parent: QWidget) -> QSpinBox:
    box = QSpinBox(parent)
    box.setRange(low, high)
    box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
    return box


def template_entry(voucher: Voucher, place: int) -> TemplateEntry:
    """Return a line of a stored voucher as a line of a template."""
    entry = voucher.entries[place]
    debit = entry.side == "debit"
    return TemplateEntry(
        summary=entry.summary,
        account_code=entry.account_code,
        debit=entry.debit if debit else "",
        credit="" if debit else entry.credit,
        aux=entry.aux,
        currency=entry.currency if entry.foreign_amount else None,
        foreign_amount=entry.foreign_amount,
        rate=entry.rate if entry.foreign_amount else "",
        quantity=entry.quantity,
        unit_price=entry.unit_price,
        cash_flow_line=entry.cash_flow_line,
    )
