"""What must hold after a fault: what was acknowledged is there once, all else is absent or whole, the book is sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from app.kernel.money import format_amount
from app.reports.doctor.proof import prove_book
from app.storage.database import Book, fetch_all, fetch_one, open_database
from tests.faults.clients import Told
from tests.faults.firm import OPENING_QUANTITY, Firm

QUANTITY_SCALE = 10**8


def shortcomings(firm: Firm, *told: Told) -> list[str]:
    """Return everything that is not as the clients were told; empty after a good run."""
    book = open_database(firm.address, password=firm.password or None)
    try:
        with book.session():
            return [*_as_told(told), *_numbers(), *_moves(told), *_stock(firm, told), *_soundness()]
    finally:
        book.close()


def _as_told(told: Iterable[Told]) -> Iterable[str]:
    vouchers = _rows("SELECT DISTINCT e.summary, v.id, v.state FROM {entry} e JOIN {voucher} v ON v.id = e.voucher_id")
    documents = _rows("SELECT kind, note, id, state FROM {document} WHERE note <> ''")
    stock = _rows("SELECT note, id, state FROM {stock_document} WHERE note <> ''")
    contacts = _rows("SELECT name, id, '' FROM {auxiliary}")
    for one in told:
        yield from one.wrong
        yield from (f"refused: {refusal}" for refusal in one.refused)
        yield from _found("voucher", one.drafts, vouchers)
        yield from _found("issue", one.stock, stock, states={"done"})
        yield from _found("contact", {f"客户{tag}": number for tag, number in one.contacts.items()}, contacts)
        for kind, acknowledged, states in (
            ("sales_order", one.orders, {"open", "done"}),
            ("delivery", one.deliveries, {"done"}),
            ("sales_invoice", one.invoices, {"done"}),
        ):
            named = {f"{kind} {tag}": number for tag, number in acknowledged.items()}
            yield from _found(kind, named, documents, states=states)
        for tag in one.posted:
            if [state for _, state in vouchers.get(tag, [])] != ["posted"]:
                yield f"voucher {tag} was posted and is {vouchers.get(tag)}"
        for tag in one.unknown:
            if len(vouchers.get(tag, [])) > 1 or len(stock.get(tag, [])) > 1 or len(contacts.get(f"客户{tag}", [])) > 1:
                yield f"{tag} was not answered and is there more than once"


def _found(
    what: str, acknowledged: dict[str, int], stored: dict[str, list[tuple[int, str]]], states: set[str] | None = None
) -> Iterable[str]:
    for tag, number in acknowledged.items():
        there = stored.get(tag, [])
        if [row[0] for row in there] != [number]:
            yield f"{what} {tag} was acknowledged as {number} and is there as {there}"
        elif states is not None and there[0][1] not in states:
            yield f"{what} {tag} is {there[0][1]}"


def _rows(sql: str) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for *tag, number, state in fetch_all(sql):
        found.setdefault(" ".join(map(str, tag)), []).append((int(number), str(state)))
    return found


def _numbers() -> Iterable[str]:
    for period, word, count, distinct, first, last in fetch_all(
        "SELECT period, word, COUNT(*), COUNT(DISTINCT number), MIN(number), MAX(number) FROM {voucher} "
        "WHERE number IS NOT NULL GROUP BY period, word"
    ):
        if not count == distinct == last or first != 1:
            yield f"numbers of {period} {word}: {count} vouchers, {distinct} numbers, {first} to {last}"


def _moves(told: Iterable[Told]) -> Iterable[str]:
    """Each acknowledged delivery and issue, which have one line, moved stock once."""
    counts = {
        (str(kind), int(number)): int(count)
        for kind, number, count in fetch_all(
            "SELECT document_kind, document_id, COUNT(*) FROM {stock_move} GROUP BY 1, 2"
        )
    }
    for one in told:
        for kind, acknowledged in (("delivery", one.deliveries), ("other_out", one.stock)):
            for tag, number in acknowledged.items():
                if (moves := counts.get((kind, number), 0)) != 1:
                    yield f"{kind} {tag} moved stock {moves} times"


def _stock(firm: Firm, told: Iterable[Told]) -> Iterable[str]:
    told = list(told)
    if any(one.unknown for one in told):  # what was not answered may have taken goods out
        return
    sold: Counter[int] = Counter()
    for one in told:
        sold.update(one.sold)
    there = {row[0]: int(row[1]) for row in fetch_all("SELECT item_id, SUM(quantity) FROM {stock_quantity} GROUP BY 1")}
    for item in firm.items:
        expected = OPENING_QUANTITY - sold[item]
        if there.get(item) != expected * QUANTITY_SCALE:
            yield f"item {item}: {format_amount(there.get(item, 0), 8)} in stock in place of {expected}"


def _soundness() -> Iterable[str]:
    for finding in prove_book().findings:
        yield f"verify: {finding.check} {finding.where}: {finding.message}"
    open_requests = fetch_one("SELECT COUNT(*) FROM {request} WHERE status = 0")
    if open_requests != (0,):
        yield f"requests without an answer: {open_requests}"


def open_transactions(book: Book) -> int:
    """Return how many transactions are open on the database server at this moment."""
    with book.session():
        row = fetch_one("SELECT COUNT(*) FROM information_schema.innodb_trx")
    return int(row[0]) if row else 0
