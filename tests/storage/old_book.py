"""Makes a book with something of everything in it, to be kept so that later programs are tested on books of this one.

With every migration that lands, run `.venv/bin/python -m tests.storage.old_book` once and commit what it makes: it is
`tests/storage/old_books/<n>.zhangfang`, n being the number of migrations it has. Once landed, such a file is never made
again: it is what people have on their disks. `test_old_books.py` upgrades every one of them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from app.contacts.service import contacts, groups
from app.contacts.service import merging as contacts_merging
from app.contract.assets import AssetInput
from app.contract.contacts import ContactGroupInput, ContactInput, ContactMerge
from app.contract.inventory import (
    ItemCategoryInput,
    ItemInput,
    ItemUnit,
    PriceListInput,
    PriceRow,
    PriceRows,
    WarehouseInput,
)
from app.contract.ledger import AuxiliaryInput, Reversal, VoucherInput
from app.contract.orders import (
    AllocationInput,
    Document,
    DocumentInput,
    DocumentKind,
    DocumentLineInput,
    Finishing,
    PaymentInput,
    SettlementInput,
)
from app.contract.rates import ExchangeRateInput
from app.contract.statements import DefinitionAdd, DefinitionRow, ReclassificationInput
from app.contract.stock import Cancellation, PostingRuleInput, StockDocumentInput
from app.contract.voucher_work import AttachInput, TemplateEntry, TemplateInput
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.inventory.service import categories, items, posting_rules, prices, stock_documents, warehouses
from app.ledger.service import attachments, periods, rates, sets, states, templates, vouchers
from app.ledger.service.assets import cards
from app.ledger.service.book import set_up_ledger
from app.ledger.service.closing import running
from app.orders.service import cancelling, drafts, finishing, payment_finishing, payments, settlements
from app.reports.statements import changing, reclassifications
from app.storage import uploads
from app.storage.backup import backup
from app.storage.book_settings import set_setting
from app.storage.database import open_database
from app.storage.migrate import known_migrations, migrate
from tests.ledger.build import draft, line, posted

OLD_BOOKS = Path(__file__).with_name("old_books")


def newest_book() -> Path:
    """Return the kept book of the present tables."""
    return OLD_BOOKS / f"{len(known_migrations())}.zhangfang"


def make_old_book(folder: Path) -> Path:
    """Write the book of the present tables into `folder` and return its path."""
    path = folder / f"{len(known_migrations())}.zhangfang"
    work = folder / "being made.zhangfang"
    book = open_database(str(work))
    migrate(book)
    with book.session():
        owner = ensure_owner("王会计")
        set_up_ledger(name="甲𠮷公司", chart="small_enterprise_2013", start_period=202601)
        posted(owner, "2026-01-05", line("1001", "1000.00", summary="投入"), line("3001", credit="1000.00"))
        sets.create_auxiliary(owner, AuxiliaryInput(kind="客户", name="甲公司"))
        posted(owner, "2026-01-06", line("1122", "-20.10", aux="客户:甲公司"), line("1001", "20.10"))
        foreign = {"currency": "USD", "foreign_amount": "100", "rate": "7.1"}
        posted(owner, "2026-01-07", line("1002", "710.00", **foreign), line("1001", credit="710.00"))
        wrong = posted(owner, "2026-01-08", line("1002", "5"), line("1001", credit="5"))
        states.reverse_voucher(owner, wrong.id, Reversal(date="2026-01-09", post=True))
        states.void_voucher(owner, draft(owner, "2026-01-10", line("1001", "1"), line("3001", credit="1")).id)
        periods.close_period(owner, 202601)
        half = VoucherInput(date="2026-02-01", entries=[line("1001", "1", summary="未完")])
        half_saved = vouchers.save_voucher(owner, half)
        states.review_voucher(owner, draft(owner, "2026-02-02", line("1001", "2"), line("3001", credit="2")).id)
        add_accounting_cycle(owner, half_id=half_saved.id, folder=folder)
        add_trade(owner)
        set_setting("made_for", "tests of later programs")
    backup(book, path, verify=list, head=str)  # a single file without a log beside it
    book.close()
    work.unlink()
    return path


def add_accounting_cycle(owner: Actor, *, half_id: int, folder: Path) -> None:
    """Add what stands beside vouchers: a template, a document, a rate, a card, a settled step, statements."""
    entries = [TemplateEntry(summary="{月}月房租", account_code="560216", debit="10")]
    template = TemplateInput(name="房租", entries=entries, every_months=1, day=3, first_period="2026-02")
    templates.add_template(owner, template)
    paper = folder / "合同𠮷.pdf"
    paper.write_bytes(b"%PDF-1.4 " + bytes(range(256)) * 8)
    upload = uploads.keep_file(paper, owner.user_id)
    attachments.attach(owner, half_id, AttachInput(upload_id=upload.id))
    paper.unlink()
    rates.save_rates(owner, [ExchangeRateInput(currency="USD", date="2026-01-31", rate="7.15", source="人民银行")])
    card = AssetInput(
        name="电脑𠮷",
        acquired_on="2026-01-07",
        asset_account_code="160104",
        accumulated_account_code="1602",
        expense_account_code="560202",
        original_value="3600",
        residual_value="0",
        life_months=36,
    )
    cards.create_asset(owner, card)
    running.skip_step(owner, 202602, "vat", "本月没有销售")
    own = DefinitionAdd(
        name="cash-check",
        title_zh="货币资金",
        layout="balance",
        rows=[DefinitionRow(line=1, kind="item", name_zh="现金", formula="DR(1001)")],
    )
    changing.add_definition(owner, own)
    moved = ReclassificationInput(period="2026-01", from_line=5, to_line=28, amount="1", reason="一年以上")
    reclassifications.add_reclassification(owner, moved)


def add_trade(owner: Actor) -> None:
    """Add contacts, goods, documents in every state, a payment with an advance, and stock that was recosted."""
    group = groups.add_group(owner, ContactGroupInput(name="华东𠮷"))
    known = ContactInput(
        name="乙公司",
        roles=["customer"],
        group_id=group.id,
        tax_number="91330100MA27X0XX0R",
        terms_days=30,
        credit_limit="100000",
    )
    customer = contacts.create_contact(owner, known)
    double = contacts.create_contact(owner, ContactInput(name="乙公司(重)", roles=["customer"]))
    contacts_merging.merge_contact(owner, double.id, ContactMerge(into_id=customer.id))
    supplier = contacts.create_contact(owner, ContactInput(name="丙厂", roles=["supplier", "employee"]))
    category = categories.create_category(owner, ItemCategoryInput(name="五金"))
    boxes = [ItemUnit(unit="盒", factor="12", barcode="6901234567892")]
    screw = items.create_item(
        owner, ItemInput(code="A1", name="螺丝𠮷", unit="个", units=boxes, category_id=category.id, barcode="690")
    )
    monthly = items.create_item(owner, ItemInput(code="B1", name="螺母", unit="个", costing="monthly"))
    lotted = items.create_item(
        owner, ItemInput(code="C1", name="胶水", unit="瓶", costing="lot", tracks_lots=True, tracks_expiry=True)
    )
    store = warehouses.create_warehouse(owner, WarehouseInput(name="二库"))
    list_ = prices.create_price_list(owner, PriceListInput(name="批发价"))
    prices.replace_prices(owner, list_.id, PriceRows(rows=[PriceRow(item_id=screw.id, price="1.5")], version=1))
    posting_rules.set_rule(owner, PostingRuleInput(purpose="stock", category_id=category.id, account_code="1403"))

    def traded(kind: DocumentKind, date: str, contact_id: int, *lines: DocumentLineInput) -> Document:
        draft_ = drafts.create_document(
            owner, DocumentInput(kind=kind, date=date, contact_id=contact_id, lines=list(lines))
        )
        return finishing.finish_document(owner, draft_.id, Finishing())

    def of(item_id: int, quantity: str, price: str, **more: Any) -> DocumentLineInput:
        return DocumentLineInput(item_id=item_id, quantity=quantity, unit_price=price, **more)

    traded("goods_receipt", "2026-02-03", supplier.id, of(screw.id, "120", "1.13"), of(monthly.id, "10", "2.26"))
    traded("goods_receipt", "2026-02-03", supplier.id, of(lotted.id, "5", "11.3", lot="P1", expiry="2027-01-31"))
    traded("delivery", "2026-02-05", customer.id, of(screw.id, "3", "2.26", unit="盒"), of(monthly.id, "4", "4"))
    traded("goods_receipt", "2026-02-04", supplier.id, of(screw.id, "60", "2.26"))  # late: what went out is recosted
    traded("sales_order", "2026-02-06", customer.id, of(screw.id, "24", "2.26"))
    invoice = traded("sales_invoice", "2026-02-06", customer.id, of(screw.id, "36", "2.26"))
    wrong = traded("sales_invoice", "2026-02-07", customer.id, of(screw.id, "1", "2.26"))
    cancelling.cancel_document(owner, wrong.id, Cancellation(reason="开错"))
    drafts.create_document(
        owner,
        DocumentInput(kind="quotation", date="2026-02-08", contact_id=customer.id, lines=[of(screw.id, "1", "9")]),
    )
    paid = PaymentInput(
        kind="collection",
        date="2026-02-09",
        contact_id=customer.id,
        account_code="1002",
        amount="100",
        allocations=[AllocationInput(document_id=invoice.id, amount="50")],
    )
    payment = payments.create_payment(owner, paid)
    payment_finishing.finish_payment(owner, payment.id)
    settled = SettlementInput(
        date="2026-02-10",
        contact_id=customer.id,
        side="sales",
        payments=[AllocationInput(document_id=payment.id, amount="10")],
        invoices=[AllocationInput(document_id=invoice.id, amount="10")],
    )
    settlements.create_settlement(owner, settled)
    for kind, more in (("transfer", {"to_warehouse_id": store.id}), ("count", {})):
        moved = StockDocumentInput.model_validate(
            {"kind": kind, "date": "2026-02-11", "lines": [{"item_id": screw.id, "quantity": "100"}], **more}
        )
        stock_documents.finish_stock_document(owner, stock_documents.save_stock_document(owner, moved).id)


if __name__ == "__main__":
    OLD_BOOKS.mkdir(exist_ok=True)
    if (OLD_BOOKS / f"{len(known_migrations())}.zhangfang").exists():
        sys.exit("the book of these tables has been kept already")
    sys.stdout.write(f"{make_old_book(OLD_BOOKS)}\n")
