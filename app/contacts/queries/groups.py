"""Reads of groups of contacts."""

from __future__ import annotations

from app.contacts.errors import group_unknown
from app.contract.contacts import ContactGroup, ContactGroupList
from app.storage.database import Row, fetch_all, fetch_one

_SELECT = "SELECT id, name, active, version FROM {contact_group}"


def list_groups() -> ContactGroupList:
    """Return all groups by name, those out of use too."""
    return ContactGroupList(groups=[_view(row) for row in fetch_all(f"{_SELECT} ORDER BY name")])


def get_group(group_id: int) -> ContactGroup:
    """Return a group. Raises `NotFound`."""
    row = fetch_one(f"{_SELECT} WHERE id = ?", (group_id,))
    if row is None:
        raise group_unknown(group_id)
    return _view(row)


def _view(row: Row) -> ContactGroup:
    return ContactGroup(id=row[0], name=row[1], active=bool(row[2]), version=row[3])
