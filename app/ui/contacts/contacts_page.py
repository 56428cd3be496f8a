"""往来单位: customers, suppliers and employees, searched as one types, by role and group."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QTimer
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPushButton, QStackedWidget, QWidget

from app.client.api import ApiClient
from app.contract.contacts import Contact, ContactChange, ContactGroup, ContactGroupList, ContactQuery
from app.contract.inventory import PriceList, PriceListList
from app.kernel.period import first_day, format_period, last_day, parse_period, period_of
from app.ui.contacts.contact_dialog import ContactDialog
from app.ui.contacts.contact_files import ContactExportButton, ContactImportButton
from app.ui.contacts.groups_dialog import GroupsDialog
from app.ui.contacts.merge_dialog import MergeDialog
from app.ui.contacts.words import KINDS, ROLES, roles_text
from app.ui.icons import icon
from app.ui.language import tr
from app.ui.ledger.flow_layout import FlowLayout
from app.ui.navigation import OpenBook, OpenContact, Target
from app.ui.page import Page, PageContext
from app.ui.tasks import Change, Query, Topic
from app.ui.widgets.contact_lookup import role_name
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.limits import limit_to
from app.ui.widgets.paged_table import Column, FetchedPage, Kind, PagedTable, PagedTableModel
from app.ui.widgets.question import ask
from app.ui.widgets.shortcuts import add_shortcuts
from app.ui.widgets.stale import change_known

_TYPING_MS = 150
STATEMENT, PRINT = "reports:statement-of-account:view", "reports:document:print"


class ContactsPage(Page):
    """All contacts; Enter opens one."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._groups: Sequence[ContactGroup] = []
        self._price_lists: Sequence[PriceList] = []
        self.role, self.group = QComboBox(self), QComboBox(self)
        self.role.addItem("", "")
        for role in ROLES:
            self.role.addItem("", role)
        self.group.addItem("", None)
        self.inactive = QCheckBox(self)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(self.fontMetrics().averageCharWidth() * 42)
        limit_to(self.search, ContactQuery, "q")
        self.add_button, self.open_button, self.switch_button = QPushButton(self), QPushButton(self), QPushButton(self)
        self.add_button.setProperty("primary", True)
        self.merge_button, self.ledger_button = QPushButton(self), QPushButton(self)
        self.print_button = QPushButton(icon("print"), "", self)
        self.groups_button = QPushButton(self)
        self.export_button = ContactExportButton(self)
        self.import_button = ContactImportButton(self.export_button, self)
        self.model: PagedTableModel[Contact] = PagedTableModel(_columns(), self)
        self.table = PagedTable(self.model, self)
        self.empty = EmptyState("contacts", self, action=self._add if context.may("contacts:contact:add") else None)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_MS)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        actions, filters = FlowLayout(), FlowLayout()
        rights = {
            self.add_button: "contacts:contact:add",
            self.open_button: "contacts:contact:view",
            self.switch_button: "contacts:contact:edit",
            self.merge_button: "contacts:contact:merge",
            self.ledger_button: STATEMENT,
            self.print_button: PRINT,
            self.groups_button: "contacts:group:edit",
            self.import_button: "contacts:contact:import",
            self.export_button: "contacts:contact:export",
        }
        for button, right in rights.items():
            button.setVisible(self.context.may(right) and (right != PRINT or self.context.may(STATEMENT)))
            actions.addWidget(button)
        for widget in (self.role, self.group, self.search, self.inactive):
            filters.addWidget(widget)
        self.body.addLayout(actions)
        self.body.addLayout(filters)
        self.body.addWidget(self.export_button.strip)
        self.body.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.role.currentIndexChanged.connect(lambda _place: self._reload())
        self.group.currentIndexChanged.connect(lambda _place: self._reload())
        self.inactive.toggled.connect(lambda _on: self._reload())
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self.search.returnPressed.connect(self._go_to_list)
        self._pause.timeout.connect(self._reload)
        self.add_button.clicked.connect(lambda _checked: self._add())
        self.open_button.clicked.connect(lambda _checked: self._open(self.current()))
        self.switch_button.clicked.connect(lambda _checked: self._switch())
        self.merge_button.clicked.connect(lambda _checked: self._merge())
        self.ledger_button.clicked.connect(lambda _checked: self._show_ledger())
        self.print_button.clicked.connect(lambda _checked: self._print_statement())
        self.groups_button.clicked.connect(lambda _checked: GroupsDialog(self, self._groups).open())
        menu = self.export_button.menu()
        if menu is not None:
            menu.aboutToShow.connect(self._export_all)
        self.table.opened.connect(self._open)
        self.model.loaded.connect(self._show_state)
        self.model.failed.connect(self.show_error)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(lambda *_where: self._show_steps())
        add_shortcuts(
            self,
            (QKeySequence(QKeySequence.StandardKey.New), self._add),
            (QKeySequence(QKeySequence.StandardKey.Find), self.search.setFocus),
            (QKeySequence(QKeySequence.StandardKey.Print), self._print_statement),
        )

    # --- as a page ---------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return tr("往来单位管理")

    def first_focus(self) -> QWidget | None:
        """One types what one looks for."""
        return self.search

    def activate(self) -> None:
        """Ask for groups, price lists and contacts."""
        self._ask_groups()
        if self.context.may("inventory:price:view"):
            Query(lambda api: api.list_price_lists()).slot("price-lists").on_done(self._know_price_lists).run(self)
        self._reload()

    def open(self, target: Target) -> None:
        """Show one contact in its form."""
        if isinstance(target, OpenContact):
            contact_id = target.contact_id
            Query(lambda api: api.get_contact(contact_id)).slot("contact").on_done(self._show_dialog).run(self)

    def refresh(self, change: Change) -> None:
        """Ask again when contacts changed."""
        if change.touches(Topic.CONTACTS, Topic.AUXILIARIES, Topic.BOOK):
            self._ask_groups()
            self.model.reload()

    def retranslate(self) -> None:
        """Set every text."""
        self.role.setItemText(0, tr("全部身份"))
        for place, role in enumerate(ROLES):
            self.role.setItemText(place + 1, role_name(role))
        self.group.setItemText(0, tr("全部分组"))
        self.inactive.setText(tr("含停用"))
        self.search.setPlaceholderText(tr("名称、编码或拼音首字母"))
        self.add_button.setText(tr("新增"))
        self.add_button.setToolTip(tr("新增往来单位（Ctrl+N）"))
        self.open_button.setText(tr("打开"))
        self.merge_button.setText(tr("合并…"))
        self.merge_button.setToolTip(tr("同一家登记了两次：把重复的合并到保留的那一家"))
        self.ledger_button.setText(tr("对账单"))
        self.print_button.setText(tr("打印对账单…"))
        self.print_button.setToolTip(tr("打印给对方核对的对账单，或存成 PDF（Ctrl+P）"))
        self.groups_button.setText(tr("分组…"))
        self.import_button.retranslate()
        self.export_button.retranslate()
        self.table.setAccessibleName(self.title())
        self._show_state()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _ask_groups(self) -> None:
        Query(lambda api: api.list_contact_groups()).slot("groups").on_done(self._know_groups).run(self)

    def _know_groups(self, listed: ContactGroupList) -> None:
        self._groups = listed.groups
        chosen = self.group.currentData()
        self.group.blockSignals(True)
        while self.group.count() > 1:
            self.group.removeItem(1)
        for found in listed.groups:
            self.group.addItem(found.name, found.id)
        self.group.setCurrentIndex(max(self.group.findData(chosen), 0))
        self.group.blockSignals(False)

    def _know_price_lists(self, listed: PriceListList) -> None:
        self._price_lists = listed.price_lists

    def _reload(self) -> None:
        wanted = ContactQuery(
            q=self.search.text().strip(),
            role=self.role.currentData(),
            group_id=self.group.currentData(),
            include_inactive=self.inactive.isChecked(),
        )

        def fetch(api: ApiClient, cursor: str, limit: int) -> FetchedPage[Contact]:
            page = api.list_contacts(wanted.model_copy(update={"cursor": cursor, "limit": limit}))
            return FetchedPage(page.contacts, page.next)

        self.model.load(fetch)

    def _show_state(self) -> None:
        nothing = self.model.rowCount() == 0
        self.stack.setCurrentWidget(self.empty if nothing else self.table)
        chosen = self.role.currentIndex() > 0 or self.group.currentIndex() > 0
        self.empty.set_texts(
            tr("没有这样的往来单位。")
            if chosen or self.search.text().strip()
            else tr("还没有往来单位。客户、供应商和职员登记在这里，凭证和单据里就能选用。"),
            tr("新增往来单位资料"),
        )
        if not nothing and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._show_steps()

    def _show_steps(self) -> None:
        contact = self.current()
        of_one = (self.open_button, self.switch_button, self.merge_button, self.ledger_button, self.print_button)
        for button in of_one:
            button.setEnabled(contact is not None)
        self.switch_button.setText(tr("启用") if contact is not None and not contact.active else tr("停用"))

    def current(self) -> Contact | None:
        """Return the contact with the cursor."""
        row = self.table.current_row()
        return row if isinstance(row, Contact) else None

    def _go_to_list(self) -> None:
        """Enter in the search: look now, and put the keyboard into the list."""
        if self._pause.isActive():
            self._pause.stop()
            self._reload()
        self.table.setFocus()

    # --- what happens ------------------------------------------------------------------------------------------------

    def _add(self) -> None:
        if self.context.may("contacts:contact:add"):
            self._show_dialog(None)

    def _open(self, contact: Contact | None) -> None:
        if contact is not None:
            self.open(OpenContact(contact.id))

    def _show_dialog(self, contact: Contact | None) -> None:
        dialog = ContactDialog(self, contact, groups=self._groups, price_lists=self._price_lists)
        if contact is not None and not self.context.may("contacts:contact:edit"):
            dialog.ok_button.hide()
        dialog.done_with.connect(self._saved)
        dialog.open()

    def _saved(self, contact: Contact) -> None:
        if contact.tax_number_doubtful:
            self.show_info(
                tr("已保存“{name}”。税号的校验码不符，请核对：{number}", name=contact.name, number=contact.tax_number)
            )
        else:
            self.show_info(tr("已保存“{name}”。", name=contact.name))

    def _switch(self) -> None:
        contact = self.current()
        if contact is None or not self.context.may("contacts:contact:edit"):
            return

        def send() -> None:
            change_known(
                self,
                contact,
                ContactChange(active=not contact.active),
                lambda api, change: api.change_contact(contact.id, change),
                Topic.CONTACTS,
                Topic.AUXILIARIES,
                what=contact.name,
                texts=self.model.texts_of,
                take=lambda _theirs: self.model.reload(),
            )

        if contact.active:
            text = tr("停用后，“{name}”不能再选用；以往的凭证和单据都保留。", name=contact.name)
            ask(self, tr("停用往来单位"), text, tr("停用"), send)
        else:
            send()

    def _merge(self) -> None:
        contact = self.current()
        if contact is None or not self.context.may("contacts:contact:merge"):
            return
        dialog = MergeDialog(self, contact)
        dialog.merged.connect(
            lambda into: self.show_info(tr("“{name}”已合并到“{into}”。", name=contact.name, into=into.name))
        )
        dialog.open()

    def _show_ledger(self) -> None:
        contact = self.current()
        if contact is None:
            return
        first, last = self._this_year()
        aux = f"{KINDS[contact.roles[0]]}:{contact.name}"
        self.context.open_target(OpenBook("statement-of-account", format_period(first), format_period(last), "", aux))

    def _print_statement(self) -> None:
        contact = self.current()
        if contact is None or not (self.context.may(STATEMENT) and self.context.may(PRINT)):
            return
        from app.ui.printing.document_print_dialog import DocumentPrintDialog

        first, last = self._this_year()
        days = (first_day(first).isoformat(), last_day(last).isoformat())
        may_edit = self.context.may("reports:document-print:edit")
        DocumentPrintDialog(self, "statement", [contact.id], days, may_edit=may_edit).open()

    def _this_year(self) -> tuple[int, int]:
        """Return the months of this year so far that the book has."""
        last = period_of(self.context.today())
        return max(last // 100 * 100 + 1, parse_period(self.context.book.start)), last

    def _export_all(self) -> None:
        self.export_button.template = False


def _columns() -> list[Column[Contact]]:
    return [
        Column(lambda: tr("编码"), lambda contact: contact.code, width_chars=8),
        Column(lambda: tr("名称"), lambda contact: contact.name, width_chars=18, stretch=True),
        Column(lambda: tr("身份"), roles_text, width_chars=14),
        Column(lambda: tr("分组"), lambda contact: contact.group, width_chars=8),
        Column(lambda: tr("税号"), lambda contact: contact.tax_number, width_chars=18),
        Column(lambda: tr("电话"), lambda contact: contact.phone, width_chars=12),
        Column(lambda: tr("账期（天）"), _terms, Kind.NUMBER, 8),
        Column(lambda: tr("信用额度"), lambda contact: contact.credit_limit, Kind.AMOUNT, 10),
        Column(lambda: tr("状态"), lambda contact: tr("在用") if contact.active else tr("停用"), Kind.CENTRE, 5),
    ]


def _terms(contact: Contact) -> str:
    return "" if contact.terms_days is None else str(contact.terms_days)
