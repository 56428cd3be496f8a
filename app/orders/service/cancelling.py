"""Taking finished documents back: by a counter-document that undoes stock, vouchers and sums; nothing is deleted."""

from __future__ import annotations

import datetime

from app.contract.orders import Document
from app.contract.stock import Cancellation
from app.identity import audit
from app.identity.actor import Actor
from app.kernel.clock import utc_ms
from app.kernel.errors import RuleBroken
from app.kernel.period import first_day, format_period, next_period, parse_date, period_of
from app.kernel.text import clean_text, message
from app.ledger.queries.periods import get_period
from app.orders.errors import month_closed, state_wrong
from app.orders.kinds import SALES, Kind
from app.orders.queries.lineage import Lineage
from app.orders.queries.loading import StoredDocument, load_document
from app.orders.queries.views import document_view
from app.orders.service.booking import unbook
from app.orders.service.locks import lock_family
from app.orders.service.numbering import take_number
from app.orders.service.rules import month_is_open
from app.orders.service.sums import count, set_state
from app.storage.database import execute, fetch_one, insert_returning_id, run_unit

_FOLLOWERS = (
    "SELECT d.id FROM {document_line} s JOIN {document_line} l ON l.source_line_id = s.id"
    " JOIN {document} d ON d.id = l.document_id WHERE s.document_id = ? AND d.state IN ('open', 'done', 'closed')"
    " AND d.counter_of IS NULL ORDER BY d.id LIMIT 1"
)
_LAST_COUNTER = (
    "SELECT MAX(c.date) FROM {document_line} s JOIN {document_line} l ON l.source_line_id = s.id"
    " JOIN {document} d ON d.id = l.document_id JOIN {document} c ON c.id = d.cancelled_by WHERE s.document_id = ?"
)
_COPIED = (
    "kind",
    "contact_id",
    "person_id",
    "reference",
    "warehouse_id",
    "prices_include_tax",
    "deductible",
)


def cancel_document(actor: Actor, document_id: int, wish: Cancellation) -> Document:
    """Take a document back. A finished one gets a counter-document; drafts, orders and quotations just end.

    Raises `NotFound`, `Conflict` for a stale version, `RuleBroken` while later documents carry it out, while it is
    settled, for a counter-document, and for a date in a closed month.
    """

    def work() -> Document:
        lineage = lock_family(document_id, wish.version)
        document = lineage.document
        require_cancel(actor, document.nature)
        _refuse(document)
        if document.number is None or document.nature.is_promise:
            if document.number is not None:
                count(lineage, -1)
            set_state(document, "cancelled", reason=clean_text(wish.reason))
        else:
            _take_back(actor, lineage, _date(document, wish.date), clean_text(wish.reason))
        after = document_view(load_document(document_id))
        audit.record(actor, f"orders:{document.kind}:cancel", "document", document_id, after=after)
        return after

    return run_unit(work)


def require_cancel(actor: Actor, nature: Kind) -> None:
    """Raise `PermissionDenied` unless the actor may take documents of a side back."""
    actor.require("orders:sales:cancel" if nature.side == SALES else "orders:purchase:cancel")


def _refuse(document: StoredDocument) -> None:
    if document.counter_of is not None:
        raise state_wrong(document.name, message("冲销单据不能再撤销；请另做一张正确的单据。"))
    if document.state == "cancelled":
        raise state_wrong(document.name, message("这张单据已经撤销。"))
    follower = fetch_one(_FOLLOWERS, (document.id,))
    if follower is not None:
        raise RuleBroken(
            "document_followed",
            message(
                "{where}已有后续的{follower}，请先撤销它。",
                where=document.name,
                follower=load_document(follower[0]).name,
            ),
        )
    if document.settled:
        raise RuleBroken("document_settled", message("{where}已核销收付款，请先撤销核销。", where=document.name))


def _date(document: StoredDocument, wished: str) -> str:
    """Return the date of the counter-document: as wished, else the document's, or the last of its followers' counters.

    Where that month is closed it is the first day of the next open one.
    """
    if wished:
        date = parse_date(wished)
        if date.isoformat() < document.date:
            raise RuleBroken("counter_early", message("冲销日期不能早于单据日期 {date}。", date=document.date))
        if not month_is_open(date.isoformat()):
            raise month_closed(document.name, format_period(period_of(date)))
        return date.isoformat()
    row = fetch_one(_LAST_COUNTER, (document.id,))
    day = max(document.date, str(row[0] or "") if row else "")  # what was taken back later may be needed on that day
    return day if month_is_open(day) else _first_open_day(parse_date(day)).isoformat()


def _first_open_day(after: datetime.date) -> datetime.date:
    period = next_period(period_of(after))
    while get_period(period).state != "open":
        period = next_period(period)
    return first_day(period)


def _take_back(actor: Actor, lineage: Lineage, date: str, reason: str) -> None:
    document = lineage.document
    number = take_number(document.nature, date)
    counter_id = _insert_counter(actor, document, number, date, reason)
    count(lineage, -1)
    execute(
        "UPDATE {document} SET state = 'cancelled', cancelled_by = ?, reason = ?, updated_at = ?,"
        " version = version + 1 WHERE id = ?",
        (counter_id, reason, utc_ms(), document.id),
    )
    unbook(actor, lineage, load_document(counter_id))


def _insert_counter(actor: Actor, document: StoredDocument, number: str, date: str, reason: str) -> int:
    """Write the counter-document: every quantity and amount the opposite."""
    now = utc_ms()
    values: dict[str, object] = {name: getattr(document, name) for name in _COPIED}
    values |= {name: -getattr(document, name) for name in ("discount", "net", "tax", "gross")}
    values |= {"number": number, "date": date, "state": "done", "reason": reason, "counter_of": document.id}
    values |= {"created_by": actor.user_id, "created_at": now, "updated_at": now}
    counter_id = insert_returning_id(
        f"INSERT INTO {{document}} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
    )
    execute(
        "INSERT INTO {document_line} (document_id, line, item_id, description, quantity, unit, base_quantity,"
        " unit_price, discount_percent, tax_rate, net, tax, gross, own_amounts, warehouse_id, lot, expiry)"
        " SELECT ?, line, item_id, description, -quantity, unit, -base_quantity,"
        " unit_price, discount_percent, tax_rate, -net, -tax, -gross, own_amounts, warehouse_id, lot, expiry"
        " FROM {document_line} WHERE document_id = ? ORDER BY line",
        (counter_id, document.id),
    )
    return counter_id
