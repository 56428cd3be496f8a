"""The roles of contacts and the dimensions of the ledger they are."""

from __future__ import annotations

from collections.abc import Mapping

from app.contract.contacts import ContactRole
from app.storage.database import fetch_all

ROLES: tuple[ContactRole, ...] = ("customer", "supplier", "employee")
KIND_OF: Mapping[ContactRole, str] = {"customer": "客户", "supplier": "供应商", "employee": "职员"}
ROLE_OF: Mapping[str, ContactRole] = {kind: role for role, kind in KIND_OF.items()}


def role_kind_ids() -> dict[int, ContactRole]:
    """Return the role each dimension of contacts stands for, by the dimension's id; those the book has."""
    rows = fetch_all("SELECT id, name FROM {auxiliary_kind} WHERE name IN (?, ?, ?)", tuple(KIND_OF.values()))
    return {int(kind_id): ROLE_OF[name] for kind_id, name in rows}
