"""The tree of rights: slices, things, what may be done with them; a box in front of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from PyQt5.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt, pyqtSignal
from PyQt5.QtGui import QGuiApplication, QPalette

from app.contract.identity import PermissionInfo
from app.ui.language import tr

NO_PARENT = QModelIndex()
NAME, NOTE = 0, 1
_ENABLED = Qt.ItemFlags(Qt.ItemFlag.ItemIsEnabled) | Qt.ItemFlag.ItemIsSelectable


@dataclass(eq=False)
class _Node:
    """A slice, a thing, or a right; a thing with one right only is that right itself."""

    name: str
    parent: _Node | None
    right: PermissionInfo | None = None
    children: list[_Node] = field(default_factory=list)
    place: int = 0

    def rights(self) -> Iterator[PermissionInfo]:
        """Yield the rights at and below this."""
        if self.right is not None:
            yield self.right
        for child in self.children:
            yield from child.rights()


class RightsModel(QAbstractItemModel):
    """Which rights are chosen. A box above others chooses those of them that are shown and may be given."""

    chosen_changed = pyqtSignal()

    def __init__(self, rights: Sequence[PermissionInfo], may_grant: Callable[[str], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._rights = rights
        self._may_grant = may_grant
        self._chosen: set[str] = set()
        self._top: list[_Node] = []
        self.is_fixed = False
        """Whether the boxes are only looked at."""
        self.find("")

    @property
    def chosen(self) -> frozenset[str]:
        """The codes of what is chosen."""
        return frozenset(self._chosen)

    def choose(self, codes: Iterable[str]) -> None:
        """Choose these rights and no others."""
        self._chosen = set(codes)
        self._redraw()

    def find(self, words: str) -> None:
        """Show the rights that have all of these words in their names or their code, below what they belong to."""
        wanted = words.casefold().split()
        found = [right for right in self._rights if all(word in _searched(right) for word in wanted)]
        counts: dict[tuple[str, str], int] = {}
        for right in self._rights:
            counts[_thing(right)] = counts.get(_thing(right), 0) + 1
        self.beginResetModel()
        self._top = []
        slices: dict[str, _Node] = {}
        things: dict[tuple[str, str], _Node] = {}
        for right in found:
            above = self._below(None, right.slice_name, slices, _thing(right)[0])
            if counts[_thing(right)] > 1:
                above = self._below(above, right.thing_name, things, _thing(right))
            self._append(above, _Node(_capital(right.name), above, right))
        self.endResetModel()

    def _below(self, above: _Node | None, name: str, known: dict[Any, _Node], key: object) -> _Node:
        if key not in known:
            known[key] = _Node(_capital(name), above)
            self._append(above, known[key])
        return known[key]

    def _append(self, above: _Node | None, node: _Node) -> None:
        siblings = above.children if above is not None else self._top
        node.place = len(siblings)
        siblings.append(node)

    def walk(self, parent: QModelIndex = NO_PARENT) -> Iterator[QModelIndex]:
        """Yield the index of every row, what is above before what is below it."""
        for row in range(self.rowCount(parent)):
            index = self.index(row, NAME, parent)
            yield index
            yield from self.walk(index)

    # --- as Qt asks --------------------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: QModelIndex = NO_PARENT) -> QModelIndex:
        """Return the index of a cell."""
        nodes = self._nodes(parent)
        if 0 <= row < len(nodes) and column in {NAME, NOTE}:
            return self.createIndex(row, column, nodes[row])
        return QModelIndex()

    def parent(self, child: QModelIndex) -> QModelIndex:  # type: ignore[override]  # QObject's own has no argument
        """Return what a row stands below."""
        node: _Node | None = child.internalPointer() if child.isValid() else None
        if node is None or node.parent is None:
            return QModelIndex()
        return self.createIndex(node.parent.place, NAME, node.parent)

    def rowCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return how many rows stand below one."""
        return len(self._nodes(parent)) if parent.column() <= NAME else 0

    def columnCount(self, parent: QModelIndex = NO_PARENT) -> int:
        """Return the number of columns."""
        del parent
        return NOTE + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the columns' names."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return tr("权限") if section == NAME else tr("备注")

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        """Tell which boxes can be used: of a right one has oneself, or of something with such rights in it."""
        if not index.isValid():
            return Qt.ItemFlags()
        if self.is_fixed:
            return _ENABLED
        node: _Node = index.internalPointer()
        if not any(self._may_grant(right.code) for right in node.rights()):
            return Qt.ItemFlags(Qt.ItemFlag.ItemIsSelectable)
        return _ENABLED | Qt.ItemFlag.ItemIsUserCheckable if index.column() == NAME else _ENABLED

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        node: _Node = index.internalPointer()
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == NAME:
            return self._state(node)
        if role == Qt.ItemDataRole.DisplayRole:
            return node.name if index.column() == NAME else self._note(node)
        if role == Qt.ItemDataRole.ForegroundRole and not self.flags(index) & Qt.ItemFlag.ItemIsEnabled:
            return QGuiApplication.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        if role == Qt.ItemDataRole.ToolTipRole and node.right is not None:
            reason = tr("填制、审核、记账、结账、反结账宜由不同的人做。") if node.right.keep_apart else ""
            return "\n".join(part for part in (node.name, reason, node.right.code) if part)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Choose a right, or all that may be given below a row; where all of them are chosen, none of them."""
        del value
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid() or self.is_fixed:
            return False
        node: _Node = index.internalPointer()
        codes = {right.code for right in node.rights() if self._may_grant(right.code)}
        self._chosen = self._chosen - codes if codes <= self._chosen else self._chosen | codes
        self._redraw()
        return True

    def _nodes(self, parent: QModelIndex) -> list[_Node]:
        if not parent.isValid():
            return self._top
        node: _Node = parent.internalPointer()
        return node.children

    def _state(self, node: _Node) -> Qt.CheckState:
        states = {right.code in self._chosen for right in node.rights()}
        if len(states) > 1:
            return Qt.CheckState.PartiallyChecked
        return Qt.CheckState.Checked if True in states else Qt.CheckState.Unchecked

    def _note(self, node: _Node) -> str:
        if node.right is None:
            codes = [right.code for right in node.rights()]
            return f"{sum(code in self._chosen for code in codes)} / {len(codes)}"
        notes = [tr("宜分开")] if node.right.keep_apart else []
        if not self._may_grant(node.right.code):
            notes.append(tr("您没有，不能授予"))
        return " · ".join(notes)

    def _redraw(self) -> None:
        for index in self.walk():
            self.dataChanged.emit(index, index.sibling(index.row(), NOTE))
        self.chosen_changed.emit()


def _thing(right: PermissionInfo) -> tuple[str, str]:
    slice_word, thing, _ = right.code.split(":")
    return slice_word, thing


def _searched(right: PermissionInfo) -> str:
    return f"{right.slice_name} {right.thing_name} {right.name} {right.code}".casefold()


def _capital(name: str) -> str:
    """Return a name as it stands alone: the catalogue has words that stand in sentences, too."""
    return name[:1].upper() + name[1:]
