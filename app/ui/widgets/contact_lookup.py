"""A text field that finds customers, suppliers and employees by name, code or pinyin initials."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtWidgets import QWidget

from app.client.api import ApiClient
from app.contract.contacts import Contact, ContactInput, ContactQuery, ContactRole
from app.kernel.errors import ZhangfangError
from app.kernel.ids import new_request_id
from app.ui.errors_shown import show_error_at
from app.ui.language import tr
from app.ui.tasks import Command, Topic
from app.ui.widgets.form_dialog import mark_wrong
from app.ui.widgets.lookup_edit import Choice, LookupEdit

MOST_SHOWN = 30


def role_name(role: ContactRole) -> str:
    """Return what a role is called in the window's language."""
    return {"customer": tr("客户"), "supplier": tr("供应商"), "employee": tr("职员")}[role]


class ContactLookup(LookupEdit):
    """Offers contacts in a role, or in any; `chosen` brings the whole `Contact`, or None when the field was emptied.

    Where nothing has the name typed, and the user may (`may_add`), the list offers to add a contact of that name.
    """

    offers_near = True

    def __init__(
        self, parent: QWidget | None = None, *, role: ContactRole | None = None, may_add: bool = False
    ) -> None:
        super().__init__(parent, server=self._find)
        self._role: ContactRole | None = role
        self._may_add = may_add
        self._adding = False

    @property
    def contact(self) -> Contact | None:
        """The contact chosen, or None."""
        value = self.value
        return value if isinstance(value, Contact) else None

    @property
    def contact_id(self) -> int | None:
        """The id of the contact chosen, or None."""
        contact = self.contact
        return None if contact is None else contact.id

    def set_role(self, role: ContactRole | None) -> None:
        """Offer contacts in another role from now on."""
        self._role = role

    def set_contact(self, contact: Contact | None) -> None:
        """Show a contact without telling anybody."""
        self.set_choice(None if contact is None else _choice(contact))

    def add_new(self, name: str) -> None:
        """Add a contact of this name in the role asked for, and choose it."""
        if self._adding:
            return
        self._adding = True
        new = ContactInput(name=name, roles=[self._role or "customer"], request_id=new_request_id())
        Command(lambda api: api.add_contact(new), Topic.CONTACTS, Topic.AUXILIARIES).on_done(self._added).on_error(
            self._refused
        ).always(self._end_adding).run(self)

    def _find(self, api: ApiClient, typed: str) -> Sequence[Choice]:
        """Ask the server; runs off the UI thread."""
        words = typed.strip()
        found = api.list_contacts(ContactQuery(q=words, role=self._role or "", limit=MOST_SHOWN)).contacts
        choices = [_choice(contact) for contact in found]
        if words and self._may_add and all(words not in {contact.name, contact.code} for contact in found):
            kind = role_name(self._role or "customer")
            line = tr("新增{kind}“{name}”（按 ↓ 再回车）", kind=kind, name=words)
            choices.append(Choice(None, line, adds=words))
        return choices

    def _added(self, contact: Contact) -> None:
        self.set_contact(contact)
        self.chosen.emit(contact)

    def _refused(self, error: ZhangfangError) -> None:
        mark_wrong(self, True)
        show_error_at(self, error)

    def _end_adding(self) -> None:
        self._adding = False


def _choice(contact: Contact) -> Choice:
    return Choice(contact, contact.name, contact.code, (contact.code,) if contact.code else ())
