"""What the book prints on its documents: who it is, its logo, its texts by kind of document."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QPixmap
from PyQt5.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from app.contract.document_printing import DocumentPrintSettings, DocumentPrintSettingsInput, PrintedTexts
from app.kernel.errors import MalformedInput
from app.kernel.ids import new_request_id
from app.kernel.text import message
from app.ui.language import tr
from app.ui.tasks import Query
from app.ui.widgets.form_dialog import FormDialog
from app.ui.widgets.limits import limit_to

LOGO_HEIGHT_LINES = 3
LARGEST_FILE = 1_000_000
ISSUER = ("name", "address", "phone", "tax_number", "bank_name", "bank_account")


def kind_names() -> dict[str, Callable[[], str]]:
    """Return the kinds of documents that have texts of their own, in the order of the trade."""
    return {
        "quotation": lambda: tr("报价单"),
        "sales_order": lambda: tr("销售订单"),
        "delivery": lambda: tr("送货单"),
        "sales_return": lambda: tr("销售退货单"),
        "sales_invoice": lambda: tr("销售账单"),
        "sales_credit": lambda: tr("销售红字账单"),
        "purchase_order": lambda: tr("采购订单"),
        "goods_receipt": lambda: tr("入库单"),
        "purchase_return": lambda: tr("采购退货单"),
        "collection": lambda: tr("收款收据"),
        "payment": lambda: tr("付款单"),
        "transfer": lambda: tr("调拨单"),
        "count": lambda: tr("盘点单"),
        "assembly": lambda: tr("组装单"),
        "other_in": lambda: tr("其他入库单"),
        "other_out": lambda: tr("其他出库单"),
        "statement": lambda: tr("对账单"),
    }


class DocumentPrintSettingsDialog(FormDialog):
    """Changes what is printed; the fields are empty until the server has answered."""

    changed = pyqtSignal()
    subject = "_known"

    def __init__(self, parent: QWidget, known: DocumentPrintSettings | None = None) -> None:
        super().__init__(parent)
        self._known: DocumentPrintSettings | None = None
        self._logo: str | None = None
        self._texts: dict[str, PrintedTexts] = {}
        self._kind = ""
        self._request_id = new_request_id()
        self.fields = {name: QLineEdit(self) for name in ISSUER}
        self.labels: dict[str, QLabel] = {}
        for name, field in self.fields.items():
            limit_to(field, DocumentPrintSettingsInput, name)
            self.labels[name] = self.add_field(name, field)
        self.logo = QLabel(self)
        self.choose_button, self.remove_button = QPushButton(self), QPushButton(self)
        self._add_logo_row()
        self.kind = QComboBox(self)
        self.labels["kind"] = self.add_field("kind", self.kind)
        self.title = QLineEdit(self)
        self.title.setMaxLength(40)
        self.labels["title"] = self.add_field("title", self.title)
        self.opening, self.terms = QPlainTextEdit(self), QPlainTextEdit(self)
        for name, area in (("opening", self.opening), ("terms", self.terms)):
            area.setTabChangesFocus(True)
            area.setMaximumHeight(self.fontMetrics().height() * 5)
            self.labels[name] = self.add_field(name, area)
        self.retranslate()
        self.kind.currentIndexChanged.connect(lambda _index: self._show_kind())
        if known is not None:
            self._show(known)
            return
        self.set_busy(True)
        Query(lambda api: api.document_print_settings()).on_done(self._show).run(self)

    def _add_logo_row(self) -> None:
        row = QHBoxLayout()
        self.logo.setFixedHeight(self.fontMetrics().height() * LOGO_HEIGHT_LINES)
        self.logo.setMinimumWidth(self.fontMetrics().height() * 6)
        row.addWidget(self.logo, 1)
        for button, work in ((self.choose_button, self._choose_logo), (self.remove_button, self._remove_logo)):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked, work=work: work())
            row.addWidget(button)
        self.labels["logo"] = QLabel(self)
        self.form.addRow(self.labels["logo"], row)

    def retranslate(self) -> None:
        """Set every text."""
        super().retranslate()
        self.setWindowTitle(tr("单据的抬头和文字"))
        names = {
            "name": tr("单位名称"),
            "address": tr("地址"),
            "phone": tr("电话"),
            "tax_number": tr("税号"),
            "bank_name": tr("开户行"),
            "bank_account": tr("账号"),
            "logo": tr("标志"),
            "kind": tr("单据"),
            "title": tr("标题"),
            "opening": tr("表前文字"),
            "terms": tr("表后文字"),
        }
        for name, label in self.labels.items():
            label.setText(names[name])
        self.fields["name"].setPlaceholderText(tr("不填就用账簿名称"))
        self.choose_button.setText(tr("选图片…"))
        self.remove_button.setText(tr("去掉"))
        self.kind.blockSignals(True)
        chosen = max(self.kind.currentIndex(), 0)
        self.kind.clear()
        for code, shown in kind_names().items():
            self.kind.addItem(shown(), code)
        self.kind.setCurrentIndex(chosen)
        self.kind.blockSignals(False)
        self.title.setPlaceholderText(self.kind.currentText())
        self._show_logo()

    # --- what is there -----------------------------------------------------------------------------------------------

    def _show(self, settings: DocumentPrintSettings) -> None:
        self._known = settings
        for name, field in self.fields.items():
            field.setText(getattr(settings, name))
        self._texts = {text.kind: text for text in settings.texts}
        self._kind = ""
        self._show_kind()
        self._show_logo()
        self.set_busy(False)

    def _show_kind(self) -> None:
        """Keep what was typed for the kind shown before, and show the one chosen now."""
        self._keep_kind()
        self._kind = str(self.kind.currentData())
        texts = self._texts.get(self._kind, PrintedTexts(kind=self._kind))
        self.title.setText(texts.title)
        self.title.setPlaceholderText(self.kind.currentText())
        self.opening.setPlainText(texts.opening)
        self.terms.setPlainText(texts.terms)

    def _keep_kind(self) -> None:
        if self._kind:
            self._texts[self._kind] = PrintedTexts.model_construct(
                kind=self._kind,
                title=self.title.text(),
                opening=self.opening.toPlainText(),
                terms=self.terms.toPlainText(),
            )

    def _show_logo(self) -> None:
        encoded = self._shown_logo()
        picture = QPixmap()
        if encoded and picture.loadFromData(base64.b64decode(encoded)):
            mode = Qt.TransformationMode.SmoothTransformation
            self.logo.setPixmap(picture.scaledToHeight(self.logo.height(), mode))
        else:
            self.logo.clear()
            self.logo.setText(tr("没有标志"))
        self.remove_button.setEnabled(bool(encoded))

    def _shown_logo(self) -> str:
        if self._logo is not None:
            return self._logo
        return self._known.logo if self._known is not None else ""

    # --- two versions of it ------------------------------------------------------------------------------------------

    def again(self, stored: DocumentPrintSettings) -> DocumentPrintSettingsDialog:
        """Return the form of a version of the settings."""
        return DocumentPrintSettingsDialog(self, stored)

    def subject_name(self) -> str:
        """Return what people call them."""
        return self.windowTitle()

    def field_texts(self) -> dict[str, str]:
        """Return what would be printed, of all kinds of documents."""
        self._keep_kind()
        texts = {self.labels[name].text(): field.text().strip() for name, field in self.fields.items()}
        logo = self._shown_logo()
        # pictures cannot be read out: their size tells them apart
        texts[self.labels["logo"].text()] = tr("图片，{count} 字节", count=len(logo) * 3 // 4) if logo else ""
        for code, shown in kind_names().items():
            kept = self._texts.get(code, PrintedTexts(kind=code))
            for name in ("title", "opening", "terms"):
                texts[f"{shown()} · {self.labels[name].text()}"] = getattr(kept, name)
        return texts

    def keep_over(self, stored: DocumentPrintSettings) -> None:
        """Know a version as the stored one; the logo shown here goes over its logo."""
        self._logo = self._shown_logo()
        super().keep_over(stored)

    # --- changing it -------------------------------------------------------------------------------------------------

    def _choose_logo(self) -> None:
        dialog = QFileDialog(self, tr("选图片…"), "", "PNG, JPEG (*.png *.jpg *.jpeg)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.take_logo(Path(path)))
        dialog.open()

    def take_logo(self, path: Path) -> None:
        """Take a file as the logo; the server looks at it when all is saved."""
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise MalformedInput("logo_too_large", message("图片超过 1 MB，请选小一些的。"))
            content = path.read_bytes()
        except OSError as error:
            self.message_bar.show_warning(tr("读不了“{path}”：{reason}", path=str(path), reason=error.strerror or ""))
            return
        except MalformedInput as error:
            self.show_error(error)
            return
        self._logo = base64.b64encode(content).decode()
        self._show_logo()

    def _remove_logo(self) -> None:
        self._logo = ""
        self._show_logo()

    def submit(self) -> None:
        """Send everything."""
        self._keep_kind()
        texts = [text for text in self._texts.values() if text.title or text.opening or text.terms]
        wished = DocumentPrintSettingsInput(
            **{name: field.text() for name, field in self.fields.items()},
            logo=self._logo,
            texts=[PrintedTexts(**text.model_dump()) for text in texts],
            version=self._known.version if self._known is not None else None,
            request_id=self._request_id,
        )
        self.send(lambda api: api.change_document_print_settings(wished), done=lambda _settings: self.changed.emit())
