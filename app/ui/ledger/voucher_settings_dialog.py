"""How the book writes vouchers: its words, who reviews, and whether a cashier signs."""

from __future__ import annotations

from PyQt5.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from app.contract.voucher_work import ReviewSwitch, VoucherSettings, VoucherSettingsInput, WordRule
from app.ui.language import tr
from app.ui.tasks import Query, Topic
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_length

RULES: tuple[WordRule, ...] = ("记", "收付转", "custom")
SWITCHES: tuple[ReviewSwitch, ...] = ("auto", "on", "off")
USUAL = "现收 现付 银收 银付 转"


class VoucherSettingsDialog(FormDialog):
    """Reads the settings when opened, and writes all of them."""

    subject = "_known"

    def __init__(self, parent: QWidget, known: VoucherSettings | None = None) -> None:
        super().__init__(parent)
        self._known: VoucherSettings | None = None
        self.rule = QComboBox(self)
        self.words = QLineEdit(self)
        limit_length(self.words, 130)
        self.review = QComboBox(self)
        self.sign = QCheckBox(self)
        self._labels = {
            "word_rule": self.add_field("word_rule", self.rule),
            "words": self.add_field("words", self.words),
            "review_by_other": self.add_field("review_by_other", self.review),
            "cashier_must_sign": self.add_field("cashier_must_sign", self.sign),
        }
        self.rule.currentIndexChanged.connect(lambda _place: self._show_words())
        self.ok_button.setEnabled(False)
        self.retranslate()
        if known is not None:
            self._show(known)
            return
        question = Query(lambda api: api.voucher_settings()).slot("settings")
        question.on_done(self._show).on_error(self.show_error).run(self)

    def _show(self, settings: VoucherSettings) -> None:
        self._known = settings
        self.rule.setCurrentIndex(RULES.index(settings.word_rule))
        self.words.setText(" ".join(settings.words) if settings.word_rule == "custom" else USUAL)
        self.review.setCurrentIndex(SWITCHES.index(settings.review_by_other))
        self.sign.setChecked(settings.cashier_must_sign)
        self._show_words()
        self.ok_button.setEnabled(True)

    def _show_words(self) -> None:
        self.words.setEnabled(RULES[max(self.rule.currentIndex(), 0)] == "custom")

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("凭证设置"))
        for box, texts in (
            (self.rule, [tr("记（一种凭证字）"), tr("收、付、转（按分录判断）"), tr("自定")]),
            (self.review, [tr("多人登录时审核人不能是制单人"), tr("审核人不能是制单人"), tr("制单人可以审核")]),
        ):
            place = max(box.currentIndex(), 0)
            box.clear()
            box.addItems(texts)
            box.setCurrentIndex(place)
        names = {
            "word_rule": tr("凭证字"),
            "words": tr("自定凭证字"),
            "review_by_other": tr("审核"),
            "cashier_must_sign": "",
        }
        for name, label in self._labels.items():
            label.setText(names[name])
        self.words.setPlaceholderText(USUAL)
        self.sign.setText(tr("收付凭证先由出纳签字，才能记账"))
        self.ok_button.setText(tr("保存"))

    def again(self, stored: VoucherSettings) -> VoucherSettingsDialog:
        """Return the form of a version of the settings."""
        return VoucherSettingsDialog(self, stored)

    def subject_name(self) -> str:
        """Return what people call them."""
        return self.windowTitle()

    def field_texts(self) -> dict[str, str]:
        """Return what stands in the fields; words that do not count are none."""
        texts = super().field_texts()
        if not self.words.isEnabled():
            texts[self._labels["words"].text()] = ""
        return texts

    def submit(self) -> None:
        """Send everything."""
        rule = RULES[max(self.rule.currentIndex(), 0)]
        wish = VoucherSettingsInput(
            word_rule=rule,
            words=self.words.text().replace("、", " ").replace("，", " ").split() if rule == "custom" else [],
            cashier_must_sign=self.sign.isChecked(),
            review_by_other=SWITCHES[max(self.review.currentIndex(), 0)],
            version=self._known.version if self._known is not None else None,
        )
        self.send(lambda api: api.change_voucher_settings(wish), Topic.BOOK)
