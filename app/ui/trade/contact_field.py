"""The field that finds the other side of a document or payment."""

from __future__ import annotations

from PyQt5.QtWidgets import QWidget

from app.client.api import ApiClient
from app.kernel.errors import NotFound, PermissionDenied
from app.ui.trade.partner import Partner
from app.ui.widgets.contact_lookup import ContactLookup
from app.ui.widgets.lookup_edit import Choice


class ContactField(ContactLookup):
    """Offers the contacts of one side; shows a `Partner`, of whom only id and name are known, too."""

    def __init__(self, side: str, parent: QWidget | None = None, *, may_add: bool = False) -> None:
        super().__init__(parent, role="customer" if side == "sales" else "supplier", may_add=may_add)

    @property
    def partner(self) -> Partner | None:
        """The contact chosen."""
        contact = self.contact
        if contact is not None:
            return Partner(contact.id, contact.name)
        value = self.value
        return value if isinstance(value, Partner) else None

    def show_partner(self, partner: Partner | None) -> None:
        """Show a contact without telling anybody."""
        self.set_choice(Choice(partner, partner.name) if partner is not None else None)


def read_partner(api: ApiClient, contact_id: int) -> Partner:
    """Return a contact by its id; who may not see contacts goes without the name."""
    try:
        return Partner(contact_id, api.get_contact(contact_id).name)
    except (NotFound, PermissionDenied):
        return Partner(contact_id, f"#{contact_id}")
