"""What stands in a form's fields, as people read it: for laying two versions of a form side by side."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt5.QtCore import QModelIndex, Qt
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


def field_names(form: QWidget, fields: Mapping[str, QWidget]) -> dict[str, str]:
    """Return what people call each field: its label's text, a switch's own one; its own name where it has none."""
    labels = {label.buddy(): label.text() for label in form.findChildren(QLabel) if label.buddy() is not None}
    return {name: labels.get(field) or _own_text(field) or name for name, field in fields.items()}


def field_texts(form: QWidget, fields: Mapping[str, QWidget]) -> dict[str, str]:
    """Return what each field holds under the name people know it by."""
    names = field_names(form, fields)
    return {names[name]: text_of(field, names[name]) for name, field in fields.items()}


def _own_text(field: QWidget) -> str:
    return field.text() if isinstance(field, QCheckBox) else ""


def text_of(widget: QWidget, name: str = "") -> str:  # noqa: PLR0911 - one kind of field after another
    """Return what a field of that name holds; a field made of several, theirs beside each other."""
    if isinstance(widget, QLineEdit):
        return widget.text().strip()
    if isinstance(widget, QComboBox):
        return widget.currentText().strip()
    if isinstance(widget, QCheckBox):
        if widget.text() in {"", name}:
            return tr("是") if widget.isChecked() else tr("否")
        return widget.text() if widget.isChecked() else ""
    if isinstance(widget, QAbstractSpinBox):
        return widget.text()
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText().strip()
    if isinstance(widget, QListWidget):
        return _list_text(widget)
    if isinstance(widget, QTableView):
        return "\n".join(table_lines(widget))
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


def table_lines(table: QTableView, columns: int | None = None) -> list[str]:
    """Return the rows of a table as people read them, without the empty ones; `columns`: of the first so many."""
    model = table.model()
    if model is None:
        return []
    lines = []
    for row in range(model.rowCount()):
        cells = [_cell_text(table, model.index(row, column)) for column in range(columns or model.columnCount())]
        if any(cells):
            lines.append(" · ".join(cell for cell in cells if cell))
    return lines


def _cell_text(table: QTableView, index: QModelIndex) -> str:
    widget = table.indexWidget(index)
    return text_of(widget) if widget is not None else str(index.data() or "")
