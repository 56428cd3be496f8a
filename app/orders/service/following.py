"""Drafts that carry out the open rest of documents: several orders to one delivery, deliveries to one invoice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.contacts.queries import same_contact
from app.contract.orders import DocumentInput, DocumentLineInput, FollowerInput
from app.identity.actor import Actor
from app.inventory.queries.facts import ItemFacts, item_facts
from app.kernel.clock import china_today
from app.kernel.errors import RuleBroken
from app.kernel.money import format_amount, format_quantity
from app.kernel.text import message
from app.ledger.queries.vouchers import base_digits
from app.orders.computing import round_fraction, share
from app.orders.errors import state_wrong
from app.orders.kinds import KINDS, SALES, Kind
from app.orders.queries.lineage import RESTS
from app.orders.queries.loading import LINE_COLUMNS, StoredDocument, StoredLine, load_documents, load_lines, places
from app.storage.database import fetch_all, read_snapshot

MATCHING = {
    "delivery": "sales_invoice",
    "sales_invoice": "delivery",
    "goods_receipt": "purchase_invoice",
    "purchase_invoice": "goods_receipt",
}
"""What is finished along with a document that is finished `with_follower`."""


NOTHING_LEFT = "nothing_left"
"""The code of the refusal when documents are wholly carried out."""


@dataclass(frozen=True, slots=True)
class Rest:
    """How much of a line is still to be carried out, in base units."""

    document: StoredDocument
    line: StoredLine
    quantity: int


def propose_follower(actor: Actor, wish: FollowerInput) -> DocumentInput:
    """Return a draft of `wish.kind` that carries out the open rest of the sources; nothing is saved.

    Raises `NotFound`, and `RuleBroken` when nothing is left or the sources do not go together.
    """
    nature = KINDS[wish.kind]
    actor.require("orders:sales:add" if nature.side == SALES else "orders:purchase:add")
    with read_snapshot():
        return follower_of(nature, load_documents(wish.source_ids), wish.date or china_today().isoformat())


def follower_of(nature: Kind, sources: Sequence[StoredDocument], date: str) -> DocumentInput:
    """Return the draft of a kind that carries out the open rest of documents, which must go together."""
    _refuse_unfit(nature, sources)
    lines = load_lines([source.id for source in sources])
    items = item_facts(line.item_id for line in lines if line.item_id is not None)
    by_id = {source.id: source for source in sources}
    rests = [
        rest
        for line in lines
        if not _is_needless(nature, items.get(line.item_id or 0))
        for rest in _rests_of(nature, by_id[line.document_id], line, items)
        if rest.quantity > 0
    ]
    if not rests:
        raise RuleBroken(NOTHING_LEFT, message("这些单据已全部办完，没有可以再办的{kind}。", kind=nature.name))
    first = sources[0]
    warehouses = {source.warehouse_id for source in sources}
    return DocumentInput(
        kind=nature.code,
        date=date,
        contact_id=first.contact_id,
        reference=first.reference if len(sources) == 1 and not nature.money else "",
        warehouse_id=warehouses.pop() if len(warehouses) == 1 else None,
        prices_include_tax=bool(first.prices_include_tax),
        discount=_discount(rests),
        lines=[_line_input(rest, items.get(rest.line.item_id or 0)) for rest in rests],
    )


def _refuse_unfit(nature: Kind, sources: Sequence[StoredDocument]) -> None:
    first = sources[0]
    for source in sources:
        if source.kind not in nature.sources:
            raise RuleBroken(
                "source_unfit",
                message("{kind}不能依据{source}生成。", kind=nature.name, source=source.nature.name),
            )
        if source.state not in {"open", "done"} or source.counter_of is not None:
            raise state_wrong(source.name, message("还没有办理，或者已关闭、已撤销，不能再依据它。"))
        if source.prices_include_tax != first.prices_include_tax or not same_contact(
            source.contact_id or 0, first.contact_id or 0
        ):
            raise RuleBroken(
                "sources_differ",
                message("这些单据的往来单位或价格是否含税不同，不能合在一张{kind}上。", kind=nature.name),
            )


def _is_needless(nature: Kind, item: ItemFacts | None) -> bool:
    """Tell whether a line has no place on a document: services and texts are neither delivered nor returned."""
    return nature.stock != 0 and (item is None or item.kind == "service")


def _rests_of(nature: Kind, document: StoredDocument, line: StoredLine, items: dict[int, ItemFacts]) -> Iterator[Rest]:
    """Yield what is left of a line: through the deliveries or invoices between, where the line is an order's."""
    rest = RESTS[nature.effect](line)
    if document.nature.is_promise and document.kind != "quotation":
        between = list(_between(nature, line))
        yield from between
        rest -= sum(found.quantity for found in between)
        item = items.get(line.item_id or 0)
        if between and document.kind == "purchase_order" and item is not None and item.kind == "goods":
            return  # what was received is invoiced first, so that its estimate meets its invoice
    yield Rest(document, line, rest)


def _between(nature: Kind, line: StoredLine) -> Iterator[Rest]:
    kinds = [kind for kind in nature.sources if not KINDS[kind].is_promise]
    if not kinds:
        return
    rows = fetch_all(
        f"SELECT {LINE_COLUMNS} FROM {{document_line}} l JOIN {{document}} d ON d.id = l.document_id"
        f" WHERE l.source_line_id = ? AND d.kind IN ({places(kinds)}) AND d.state = 'done' AND d.counter_of IS NULL"
        " ORDER BY d.date, d.id, l.line",
        [line.id, *kinds],
    )
    found = [StoredLine(*row) for row in rows]
    documents = {document.id: document for document in load_documents([above.document_id for above in found])}
    for above in found:
        quantity = RESTS[nature.effect](above)
        if quantity > 0:
            yield Rest(documents[above.document_id], above, quantity)


def _line_input(rest: Rest, item: ItemFacts | None) -> DocumentLineInput:
    line, digits = rest.line, base_digits()
    quantity, unit, price = line.quantity, line.unit, line.unit_price
    if rest.quantity != line.base_quantity:
        exact = Fraction(line.quantity * rest.quantity, line.base_quantity)
        if exact.denominator == 1:
            quantity = int(exact)
        else:
            quantity, unit = rest.quantity, item.unit if item else line.unit
            price = round_fraction(Fraction(line.unit_price * line.quantity, line.base_quantity))
    own = dict.fromkeys(("net", "tax", "gross"), "")
    if line.own_amounts:
        net, gross = (share(amount, rest.quantity, line.base_quantity) for amount in (line.net, line.gross))
        amounts = {"net": net, "tax": gross - net, "gross": gross}
        own = {name: format_amount(amount, digits) for name, amount in amounts.items()}
    return DocumentLineInput(
        item_id=line.item_id,
        description=line.description,
        quantity=format_quantity(quantity),
        unit=unit,
        unit_price=format_quantity(price),
        discount_percent=line.discount_percent,
        tax_rate=line.tax_rate,
        **own,
        warehouse_id=line.warehouse_id,
        lot=line.lot,
        expiry=line.expiry,
        source_line_id=line.id,
    )


def _discount(rests: Sequence[Rest]) -> str:
    """Return what is taken over of the sources' discounts, by how much of their lines is."""
    whole = 0
    for document in {rest.document.id: rest.document for rest in rests}.values():
        if not document.discount:
            continue
        basis = sum(line.gross for line in load_lines([document.id]) if not line.own_amounts)
        taken = sum(
            share(rest.line.gross, rest.quantity, rest.line.base_quantity)
            for rest in rests
            if rest.document.id == document.id and not rest.line.own_amounts
        )
        whole += share(document.discount, taken, basis) if basis else 0
    return format_amount(whole, base_digits()) if whole else ""
