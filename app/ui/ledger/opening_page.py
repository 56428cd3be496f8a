"""期初余额: what every account held when the book began, typed or taken from a spreadsheet, checked and saved."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QShortcut, QWidget

from app.ui.ledger.opening_desk import OpeningDesk
from app.ui.ledger.opening_intake import OpeningIntake
from app.ui.ledger.opening_saver import OpeningSaver
from app.ui.page import PageContext


class OpeningPage(OpeningDesk):
    """The opening balances of the book."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.intake = OpeningIntake(self)
        self.saver = OpeningSaver(self)
        self.table.paste_wanted.connect(self.intake.paste)
        self.cash_table.paste_wanted.connect(self.intake.paste)
        self.paste_button.clicked.connect(lambda _checked: self.intake.paste())
        self.save_button.clicked.connect(lambda _checked: self.save())
        for name, act in (("import", self.intake.ask_files), ("export", self.intake.ask_where)):
            action = self.actions_by_name[name]
            if action is not None:
                action.triggered.connect(lambda _checked, act=act: act())
        shortcut = QShortcut(QKeySequence("F8"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.save)

    def save(self) -> None:
        """Send all balances; what the server refuses stays typed and is marked."""
        self.saver.save()
