"""Departments as they stand below each other: a tree on the page, paths where one of them is chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from PyQt5.QtCore import QModelIndex, Qt, pyqtSignal
from PyQt5.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PyQt5.QtWidgets import QAbstractItemView, QComboBox, QHeaderView, QTreeView, QWidget

from app.contract.identity import Department
from app.ui.language import tr
from app.ui.widgets.amounts import RIGHT

ID_ROLE = int(Qt.ItemDataRole.UserRole)
NAME, CODE, PEOPLE, STATE = range(4)


class DepartmentTree(QTreeView):
    """Shows departments; what was folded, and the cursor, stay when they come anew. Enter or a double click opens."""

    opened = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows = QStandardItemModel(0, STATE + 1, self)
        self._departments: dict[int, Department] = {}
        self.setModel(self.rows)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setAllColumnsShowFocus(True)
        self.setExpandsOnDoubleClick(False)
        self.setEditTriggers(QAbstractItemView.EditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers))
        self.doubleClicked.connect(lambda _index: self.opened.emit())
        header = self.header()
        if header is not None:
            header.setStretchLastSection(False)
            header.setHighlightSections(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Open the department with Enter."""
        if event is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.current() is not None:
            self.opened.emit()
            return
        super().keyPressEvent(event)

    def show_departments(self, departments: Sequence[Department], go_to: int | None = None) -> None:
        """Show these; parents come before their children. The cursor goes to a department, or stays where it was."""
        folded = [
            index.data(ID_ROLE) for index in self._walk() if self.rows.rowCount(index) and not self.isExpanded(index)
        ]
        before, place = self.current(), self.currentIndex().row()
        wanted = [go_to] if go_to is not None else [before.id, before.parent_id] if before is not None else []
        bar = self.verticalScrollBar()
        scrolled = bar.value() if bar is not None else 0
        self._departments = {department.id: department for department in departments}
        self.rows.removeRows(0, self.rows.rowCount())
        self.retranslate()
        made: dict[int, QStandardItem] = {}
        for department in departments:
            parent = made.get(department.parent_id or 0, self.rows.invisibleRootItem())
            items = _items(department, faint=not department.active, tree=self)
            made[department.id] = items[NAME]
            if parent is not None:
                parent.appendRow(items)
        self.expandAll()
        for index in list(self._walk()):
            if index.data(ID_ROLE) in folded:
                self.collapse(index)
        if bar is not None:
            bar.setValue(scrolled)
        self._go_to(wanted, max(place, 0))

    def retranslate(self) -> None:
        """Set the titles of the columns."""
        self.rows.setHorizontalHeaderLabels([tr("部门名称"), tr("编码"), tr("人数"), tr("状态")])

    def current(self) -> Department | None:
        """Return the department with the cursor."""
        index = self.currentIndex()
        return self._departments.get(index.sibling(index.row(), NAME).data(ID_ROLE)) if index.isValid() else None

    def _go_to(self, wanted: Sequence[int | None], place: int) -> None:
        """Go to the first of these that is there, else to the department in that place at the top."""
        known = {index.data(ID_ROLE): index for index in self._walk()}
        rest = self.rows.index(min(place, self.rows.rowCount() - 1), NAME)
        found = next((known[number] for number in wanted if number in known), rest)
        if found.isValid():
            self.setCurrentIndex(found)

    def _walk(self, parent: QModelIndex | None = None) -> Iterator[QModelIndex]:
        above = parent or QModelIndex()
        for row in range(self.rows.rowCount(above)):
            index = self.rows.index(row, NAME, above)
            yield index
            yield from self._walk(index)


def department_texts(department: Department) -> dict[str, str]:
    """Return what the tree tells of a department, under the titles of its columns."""
    return {
        tr("部门名称"): department.name,
        tr("编码"): department.code,
        tr("人数"): str(department.users),
        tr("状态"): tr("在用") if department.active else tr("不再使用"),
    }


def _items(department: Department, *, faint: bool, tree: QWidget) -> list[QStandardItem]:
    texts = department_texts(department).values()
    items = [QStandardItem(text) for text in texts]
    items[NAME].setData(department.id, ID_ROLE)
    items[NAME].setToolTip(department.name)
    items[PEOPLE].setTextAlignment(RIGHT)
    if faint:
        for item in items:
            item.setForeground(tree.palette().color(tree.palette().Dark))
    return items


def department_paths(departments: Sequence[Department]) -> dict[int, str]:
    """Return what each department is called with those above it: `总部 / 财务部`; parents come before children."""
    paths: dict[int, str] = {}
    for department in departments:
        above = paths.get(department.parent_id or 0)
        paths[department.id] = f"{above} / {department.name}" if above else department.name
    return paths


def short_names(departments: Sequence[Department]) -> dict[int, str]:
    """Return what to call each department in a list: its name, or its path where others have the same name."""
    often = Counter(department.name for department in departments)
    paths = department_paths(departments)
    return {one.id: one.name if often[one.name] == 1 else paths[one.id] for one in departments}


def offer_departments(
    box: QComboBox, departments: Sequence[Department], chosen: int | None, *, none: str, without: int | None = None
) -> None:
    """Let a box offer the departments in use, and the one chosen; not one of them with all below it (`without`)."""
    left_out = {without} if without is not None else set()
    paths = department_paths(departments)
    box.clear()
    box.addItem(none, None)
    for department in departments:
        if department.id in left_out or department.parent_id in left_out:
            left_out.add(department.id)
        elif department.active or department.id == chosen:
            box.addItem(paths[department.id], department.id)
    box.setCurrentIndex(max(box.findData(chosen), 0))
