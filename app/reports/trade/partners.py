"""A contact in all its roles, as the ledger's auxiliaries name them."""

from __future__ import annotations


def aux_of_roles(aux: str) -> list[str]:
    """Return how a contact is written in each of its roles (`客户:甲公司`, `供应商:甲公司`), the one given first."""
    return [aux]
