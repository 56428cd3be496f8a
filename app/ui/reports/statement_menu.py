"""What an accountant may settle about statements: formulas, reports of one's own, reclassifications, VAT."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QAction, QActionGroup, QMenu, QPushButton

from app.contract.statements import Statement, StatementSettings, VatPresentation, VatPresentationInput
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.page import Page
from app.ui.tasks import Topic
from app.ui.widgets.stale import change_known

EDIT = "reports:statement:edit"
WITH_VAT = "small_enterprise_2013"


class StatementMenu(QPushButton):
    """The menu 设置 of the statements' page."""

    changed = pyqtSignal(str)
    """Something was settled: the statement to be shown, or empty for the same."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self._statement: Statement | None = None
        self._settings = StatementSettings(vat_presentation="text_2011")
        self.setIcon(icon("settings"))
        self.setProperty("opensMenu", True)
        menu = QMenu(self)
        self.edit, self.add, self.move_amounts = QAction(self), QAction(self), QAction(self)
        menu.addActions([self.edit, self.add, self.move_amounts])
        menu.addSeparator()
        self._presentations: dict[VatPresentation, QAction] = {
            "text_2011": QAction(self),
            "reclass_2016": QAction(self),
        }
        group = QActionGroup(self)
        for choice, action in self._presentations.items():
            action.setCheckable(True)
            action.setVisible(page.context.book.chart == WITH_VAT)
            action.setEnabled(page.context.may(EDIT))
            action.triggered.connect(lambda _checked, choice=choice: self.choose_presentation(choice))
            group.addAction(action)
            menu.addAction(action)
        self.setMenu(menu)
        self.edit.triggered.connect(lambda _checked: self.edit_definition())
        self.add.triggered.connect(lambda _checked: self.add_definition())
        self.move_amounts.triggered.connect(lambda _checked: self.reclassify())
        self.add.setEnabled(page.context.may(EDIT))
        self.retranslate()
        self.show_statement(None)

    def retranslate(self) -> None:
        """Set every text."""
        self.setText(tr("设置"))
        self.edit.setText(tr("项目和公式…"))
        self.add.setText(tr("新建报表…"))
        self.move_amounts.setText(tr("报表重分类…"))
        self._presentations["text_2011"].setText(tr("增值税借方余额以负数列在应交税费"))
        self._presentations["reclass_2016"].setText(tr("增值税借方余额列入其他流动资产（财会〔2016〕22号）"))

    def show_statement(self, statement: Statement | None) -> None:
        """Know the statement that is shown."""
        self._statement = statement
        self.edit.setEnabled(statement is not None)
        self.move_amounts.setVisible(statement is not None and statement.layout == "balance")

    def show_settings(self, settings: StatementSettings) -> None:
        """Mark how the book presents VAT."""
        self._settings = settings
        self._presentations[settings.vat_presentation].setChecked(True)

    def choose_presentation(self, choice: VatPresentation) -> None:
        """Present VAT the other way; until that is done the mark stays where it was."""

        def settled(settings: StatementSettings) -> None:
            self.show_settings(settings)
            self.changed.emit("")

        known = self._settings
        self.show_settings(known)
        what = tr("增值税的列示")
        change_known(
            self._page,
            known,
            VatPresentationInput(vat_presentation=choice),
            lambda api, wish: api.set_vat_presentation(wish),
            Topic.BOOK,
            what=what,
            texts=lambda settings: {what: self._presentations[settings.vat_presentation].text()},
            take=settled,
            done=settled,
        )

    def edit_definition(self) -> None:
        """Open the rows and formulas of the statement shown."""
        from app.ui.reports.definition_dialog import DefinitionDialog

        statement = self._statement
        if statement is not None:
            dialog = DefinitionDialog(self._page, self._page.context, statement)
            dialog.saved.connect(self.changed)
            dialog.open()

    def add_definition(self) -> None:
        """Begin a statement of the book's own."""
        from app.ui.reports.definition_dialog import DefinitionDialog

        dialog = DefinitionDialog(self._page, self._page.context, None)
        dialog.saved.connect(self.changed)
        dialog.open()

    def reclassify(self) -> None:
        """Open the reclassifications of the month shown."""
        from app.ui.reports.reclassification_dialog import ReclassificationDialog

        if self._statement is not None:
            dialog = ReclassificationDialog(self._page, self._page.context, self._statement)
            dialog.changed.connect(lambda: self.changed.emit(""))
            dialog.open()
