"""Who else has the book open, and what is being changed there; pages and dialogs look here, the watcher writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSignal

from app.ui.language import is_english, tr

if TYPE_CHECKING:
    from app.contract.together import PresentPerson  # contracts take time to import; the window is painted before


class Others(QObject):
    """The windows that are there beside this one. Lives on the window's thread."""

    changed = pyqtSignal()
    """Somebody came, went, or is changing something else."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._present: tuple[PresentPerson, ...] = ()
        self.own_user_id = 0

    @property
    def present(self) -> tuple[PresentPerson, ...]:
        """All other windows, by name."""
        return self._present

    def show(self, present: list[PresentPerson]) -> None:
        """Take over who is there now; what differs is told."""
        now = tuple(present)
        if _content(now) != _content(self._present):
            self._present = now
            self.changed.emit()

    def names(self) -> list[str]:
        """Return who is there, everybody once."""
        return list(dict.fromkeys(self.name_of(person) for person in self._present))

    def editors_of(self, kind: str, number: int | None) -> list[str]:
        """Return who is changing an object, everybody once; nobody for what is not stored yet."""
        if number is None:
            return []
        at_it = (
            person
            for person in self._present
            if any(thing.kind == kind and thing.id == number for thing in person.editing)
        )
        return list(dict.fromkeys(self.name_of(person) for person in at_it))

    def name_of(self, person: PresentPerson) -> str:
        """Return what a person is called here: one's own other window is told apart."""
        if person.user_id == self.own_user_id:
            return tr("您的另一个窗口")
        return person.user_name


def _content(present: tuple[PresentPerson, ...]) -> list[tuple[object, ...]]:
    return [(person.desk, person.user_name, tuple(person.editing)) for person in present]


def joined(names: list[str]) -> str:
    """Write names in a row, the way the window's language does."""
    return (", " if is_english() else "、").join(names)


def editing_text(names: list[str]) -> str:
    """Say who is changing something; empty for nobody."""
    return tr("{who} 正在修改", who=joined(names)) if names else ""
