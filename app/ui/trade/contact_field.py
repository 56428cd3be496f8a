"""The field that finds customers and suppliers by code, name or pinyin initials."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtWidgets import QWidget

from app.client.api import ApiClient
from app.contract.ledger import AuxiliaryQuery
from app.ui.trade.document_sheet import Partner
from app.ui.widgets.lookup_edit import Choice, LookupEdit

MOST_CHOICES = 40
KINDS = {"sales": "客户", "purchase": "供应商"}


class ContactField(LookupEdit):
    """Offers the contacts of one side; its value is a `Partner`."""

    def __init__(self, side: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, server=lambda api, text: find_contacts(api, side, text))

    def show_partner(self, partner: Partner | None) -> None:
        """Show a contact without telling anybody."""
        self.set_choice(Choice(partner, partner.name) if partner is not None else None)


def find_contacts(api: ApiClient, side: str, text: str) -> Sequence[Choice]:
    """Return the contacts of a side that fit."""
    page = api.list_auxiliaries(AuxiliaryQuery(kind=KINDS[side], q=text, limit=MOST_CHOICES))
    return [Choice(Partner(one.id, one.name), one.name, one.code) for one in page.auxiliaries if one.active]
