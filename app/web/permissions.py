"""Every right of the program, collected from the slices, and the rights on the book as a whole."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from app.identity.permissions import Permission
from app.kernel.text import message

SLICES = ("identity", "ledger", "reports", "exchange", "web")

PERMISSIONS: tuple[Permission, ...] = (
    Permission("book:info:view", message("查看账套信息")),
    Permission("book:backup:add", message("备份账簿")),
)


def all_permissions(slices: Sequence[str] = SLICES) -> tuple[Permission, ...]:
    """Return the rights each slice declares in its `permissions.py`. Raises `ValueError` for a code declared twice."""
    found: dict[str, Permission] = {}
    for name in slices:
        for permission in importlib.import_module(f"app.{name}.permissions").PERMISSIONS:
            if permission.code in found:
                raise ValueError(f"{permission.code} is declared twice")
            found[permission.code] = permission
    return tuple(found.values())
