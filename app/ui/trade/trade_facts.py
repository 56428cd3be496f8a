"""What documents and payments are typed with: warehouses, months, the decimals of money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.client.api import ApiClient
from app.contract.inventory import Warehouse
from app.contract.ledger import PeriodState
from app.kernel.errors import PermissionDenied

USUAL_DIGITS = 2


@dataclass(frozen=True)
class TradeFacts:
    """The book as the pages of sales and purchases need it."""

    warehouses: Sequence[Warehouse] = ()
    months: Sequence[PeriodState] = ()
    digits: int = USUAL_DIGITS


def read_facts(api: ApiClient) -> TradeFacts:
    """Ask for all; who may not see something goes without it."""
    try:
        warehouses: Sequence[Warehouse] = [one for one in api.list_warehouses().warehouses if one.active]
    except PermissionDenied:
        warehouses = ()
    try:
        months: Sequence[PeriodState] = api.list_periods().periods
    except PermissionDenied:
        months = ()
    try:
        digits = api.list_currencies().currencies[0].minor_digits
    except PermissionDenied:
        digits = USUAL_DIGITS
    return TradeFacts(warehouses, months, digits)
