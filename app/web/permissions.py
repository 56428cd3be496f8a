"""Every right of the program, collected from the slices."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from app.identity.permissions import Permission

SLICES = ("identity", "ledger", "contacts", "inventory", "orders", "reports", "exchange")


def all_permissions(slices: Sequence[str] = SLICES) -> tuple[Permission, ...]:
    """Return the rights each slice declares in its `permissions.py`. Raises `ValueError` for a code declared twice."""
    found: dict[str, Permission] = {}
    for name in slices:
        for permission in importlib.import_module(f"app.{name}.permissions").PERMISSIONS:
            if permission.code in found:
                raise ValueError(f"{permission.code} is declared twice")
            found[permission.code] = permission
    return tuple(found.values())
