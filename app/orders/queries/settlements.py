"""Reads of settlements: one whole, and pages of them."""

from __future__ import annotations

from collections.abc import Sequence

from app.contacts.queries import ids_counting_as
from app.contract.orders import Settlement, SettlementQuery
from app.inventory.service.posting import vouchers_of
from app.kernel.money import format_amount
from app.kernel.period import parse_date
from app.ledger.queries.vouchers import base_digits
from app.orders.queries import naming
from app.orders.queries.loading import places
from app.orders.queries.payment_loading import (
    SETTLEMENT,
    SETTLEMENT_COLUMNS,
    StoredAllocation,
    StoredSettlement,
    allocations_of,
    load_settlement,
)
from app.orders.queries.payments import allocation_views
from app.storage.database import fetch_all, read_snapshot


def get_settlement(settlement_id: int) -> Settlement:
    """Return a settlement whole. Raises `NotFound`."""
    with read_snapshot():
        return settlement_views([load_settlement(settlement_id)])[0]


def list_settlements(query: SettlementQuery, after: tuple[str, int] | None = None) -> tuple[list[Settlement], bool]:
    """Return the settlements that match, newest first, and whether there are more; `after`: date and id of the last."""
    conditions, params = ["1 = 1"], list[object]()
    if query.side:
        conditions.append("s.side = ?")
        params.append(query.side)
    if query.contact_id is not None:
        ids = ids_counting_as(query.contact_id)
        conditions.append(f"s.contact_id IN ({places(ids)})")
        params += ids
    for text, comparison in ((query.from_date, ">="), (query.to_date, "<=")):
        if text:
            conditions.append(f"s.date {comparison} ?")
            params.append(parse_date(text).isoformat())
    if after is not None:
        conditions.append("(s.date < ? OR (s.date = ? AND s.id < ?))")
        params += [after[0], after[0], after[1]]
    with read_snapshot():
        rows = fetch_all(
            f"SELECT {SETTLEMENT_COLUMNS} FROM {{settlement}} s WHERE {' AND '.join(conditions)}"
            " ORDER BY s.date DESC, s.id DESC LIMIT ?",
            [*params, query.limit + 1],
        )
        found = [StoredSettlement(*row) for row in rows]
        return settlement_views(found[: query.limit]), len(found) > query.limit


def settlement_views(settlements: Sequence[StoredSettlement]) -> list[Settlement]:
    """Return stored settlements whole."""
    digits = base_digits()
    contacts = naming.contact_names(settlement.contact_id for settlement in settlements)
    people = naming.person_names(settlement.created_by for settlement in settlements)
    rows: dict[int, list[StoredAllocation]] = {settlement.id: [] for settlement in settlements}
    for row in allocations_of("settlement_id", list(rows)):
        rows[row.settlement_id or 0].append(row)
    return [
        Settlement(
            id=settlement.id,
            number=settlement.number,
            date=settlement.date,
            state=settlement.state,  # type: ignore[arg-type]  # the table allows only these
            contact_id=settlement.contact_id,
            contact=contacts.get(settlement.contact_id, ""),
            side=settlement.side,  # type: ignore[arg-type]  # the table allows only these
            amount=format_amount(settlement.amount, digits),
            note=settlement.note,
            maker=people.get(settlement.created_by, ""),
            counter_of=settlement.counter_of,
            cancelled_by=settlement.cancelled_by,
            allocations=allocation_views(rows[settlement.id]),
            vouchers=vouchers_of(SETTLEMENT, settlement.id),
            version=settlement.version,
        )
        for settlement in settlements
    ]
