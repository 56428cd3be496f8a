"""Makes a book with something of everything in it, to be kept so that later programs are tested on books of this one.

With every migration that lands, run `.venv/bin/python -m tests.storage.old_book` once and commit what it makes: it is
`tests/storage/old_books/<n>.zhangfang`, n being the number of migrations it has. Once landed, such a file is never made
again: it is what people have on their disks. `test_old_books.py` upgrades every one of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.contract.assets import AssetInput
from app.contract.ledger import AuxiliaryInput, Reversal, VoucherInput
from app.contract.rates import ExchangeRateInput
from app.contract.statements import DefinitionAdd, DefinitionRow, ReclassificationInput
from app.contract.voucher_work import AttachInput, TemplateEntry, TemplateInput
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.ledger.service import attachments, periods, rates, sets, states, templates, vouchers
from app.ledger.service.assets import cards
from app.ledger.service.book import set_up_ledger
from app.ledger.service.closing import running
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


if __name__ == "__main__":
    OLD_BOOKS.mkdir(exist_ok=True)
    if (OLD_BOOKS / f"{len(known_migrations())}.zhangfang").exists():
        sys.exit("the book of these tables has been kept already")
    sys.stdout.write(f"{make_old_book(OLD_BOOKS)}\n")
