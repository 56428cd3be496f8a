"""Sales and purchases of the company in the pictures: orders on their way, what came and went, what was paid."""

from __future__ import annotations

from app.client.api import ApiClient
from app.contract.contacts import ContactQuery
from app.contract.orders import (
    AllocationInput,
    Document,
    DocumentInput,
    DocumentKind,
    DocumentLineInput,
    Finishing,
    FollowerInput,
    OpenItemQuery,
    PaymentInput,
)

ORDER = 2
"""The id of the sales order that is partly carried out."""
INVOICE = 5
"""The id of the purchase invoice."""
DRAFT_COLLECTION = 2
"""The id of the collection that is being typed."""
Row = tuple[str, str, str]
"""Item code, quantity, price with tax."""


def trade_samples(api: ApiClient) -> None:
    """Add documents of the last month; the first ones have the ids above."""
    names = {contact.name: contact.id for contact in api.list_contacts(ContactQuery(limit=100)).contacts}
    items = {item.code: item for item in api.list_items().items}

    def add(kind: DocumentKind, date: str, who: str, rows: list[Row], note: str = "", reference: str = "") -> Document:
        lines = [
            DocumentLineInput(
                item_id=items[code].id,
                description=f"{items[code].name} {items[code].specification}",
                quantity=quantity,
                unit_price=price,
                tax_rate="13",
            )
            for code, quantity, price in rows
        ]
        wish = DocumentInput(kind=kind, date=date, contact_id=names[who], note=note, reference=reference, lines=lines)
        return api.add_document(wish)

    def done(draft: Document, *, both: bool = False) -> Document:
        return api.finish_document(draft.id, Finishing(version=draft.version, with_follower=both))

    def follow(kind: DocumentKind, source: Document, date: str, quantities: list[str] | None = None) -> Document:
        wish = api.propose_follower(FollowerInput(kind=kind, source_ids=[source.id], date=date))
        if quantities is not None:
            lines = [
                line.model_copy(update={"quantity": quantity})
                for line, quantity in zip(wish.lines, quantities, strict=True)
            ]
            wish = wish.model_copy(update={"lines": lines})
        return api.add_document(wish)

    quotation = done(
        add(
            "quotation",
            "2026-11-02",
            "星河酒店",
            [("WJ001", "600", "3.50"), ("WJ002", "300", "9.80"), ("WJ004", "24", "36")],
            "含送货，月结 30 天",
        )
    )
    order = done(follow("sales_order", quotation, "2026-11-04"))
    bought = done(
        add("purchase_order", "2026-11-03", "立信文具", [("WJ001", "2000", "2.10"), ("WJ003", "600", "6.90")])
    )
    receipt = done(follow("goods_receipt", bought, "2026-11-06"))
    bill = done(follow("purchase_invoice", receipt, "2026-11-09"))
    done(follow("delivery", order, "2026-11-10", ["400", "300", "12"]), both=True)
    sold = done(add("sales_invoice", "2026-11-12", "明德书店", [("WJ002", "200", "9.80")]), both=True)
    done(add("sales_order", "2026-11-16", "南山食品", [("WJ005", "30", "58"), ("WJ003", "120", "11.50")]))
    add("delivery", "2026-11-26", "远航科技", [("WJ001", "500", "3.50"), ("WJ004", "400", "36")], "下午送到")
    _pay(api, names, bill, sold)


def _pay(api: ApiClient, names: dict[str, int], bill: Document, sold: Document) -> None:
    owed = api.open_items(OpenItemQuery(contact_id=names["星河酒店"], side="sales")).invoices[0]
    collection = api.add_payment(
        PaymentInput(
            kind="collection",
            date="2026-11-18",
            contact_id=names["明德书店"],
            account_code="1002",
            amount="1500",
            allocations=[AllocationInput(document_id=sold.id, amount="1500")],
        )
    )
    api.finish_payment(collection.id, collection.version)
    api.add_payment(
        PaymentInput(
            kind="collection",
            date="2026-11-27",
            contact_id=names["星河酒店"],
            account_code="1002",
            amount="4000",
            reference="网银 8831",
            allocations=[AllocationInput(document_id=owed.id, amount="4000")],
        )
    )
    payment = api.add_payment(
        PaymentInput(
            kind="payment",
            date="2026-11-20",
            contact_id=names["立信文具"],
            account_code="1002",
            amount="5000",
            allocations=[AllocationInput(document_id=bill.id, amount="5000")],
        )
    )
    api.finish_payment(payment.id, payment.version)
