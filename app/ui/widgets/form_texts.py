"""What stands in a form's fields, as people read it: for laying two versions of a form side by side."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QTableView,
    QWidget,
)

from app.ui.language import tr
from app.ui.presence.others import joined


def field_texts(form: QWidget, fields: Mapping[str, QWidget]) -> dict[str, str]:
    """Return what each field holds under the name its label gives it; fields without a label keep their own name."""
    labels = {label.buddy(): label.text() for label in form.findChildren(QLabel) if label.buddy() is not None}
    return {labels.get(widget) or name: text_of(widget) for name, widget in fields.items()}


def text_of(widget: QWidget) -> str:  # noqa: PLR0911 - one kind of field after another
    """Return what a field holds; a field made of several, theirs beside each other."""
    if isinstance(widget, QLineEdit):
        return widget.text().strip()
    if isinstance(widget, QComboBox):
        return widget.currentText().strip()
    if isinstance(widget, QCheckBox):
        if not widget.text():
            return tr("是") if widget.isChecked() else tr("否")
        return widget.text() if widget.isChecked() else ""
    if isinstance(widget, QAbstractSpinBox):
        return widget.text()
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText().strip()
    if isinstance(widget, QListWidget):
        return _list_text(widget)
    if isinstance(widget, QTableView):
        return _table_text(widget)
    if isinstance(widget, QPushButton | QLabel | QAbstractButton):
        return ""
    return _joined(widget)


def _joined(widget: QWidget) -> str:
    labels = {label.buddy(): label.text() for label in widget.findChildren(QLabel) if label.buddy() is not None}
    parts = []
    for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        text = text_of(child)
        if text:
            parts.append(f"{labels[child]} {text}" if labels.get(child) else text)
    return " · ".join(parts)


def _list_text(widget: QListWidget) -> str:
    items = [widget.item(place) for place in range(widget.count())]
    checked = Qt.CheckState.Checked
    return joined([item.text() for item in items if item is not None and item.checkState() == checked])


def _table_text(widget: QTableView) -> str:
    model = widget.model()
    if model is None:
        return ""
    rows = []
    for row in range(model.rowCount()):
        cells = [str(model.index(row, column).data() or "") for column in range(model.columnCount())]
        if any(cells):
            rows.append(" ".join(cell for cell in cells if cell))
    return "\n".join(rows)
