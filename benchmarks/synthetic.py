"""Synthetic books: the same vouchers every time, as csv-book files or straight into a book."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.identity.actor import Actor
from app.identity.queries.actors import owner_actor
from app.ledger.service.bulk import ImportedEntry, ImportedVoucher, import_vouchers
from app.ledger.word_index import continue_index
from app.storage.address import parse_address
from app.storage.database import Book, open_database, run_unit
from app.web.opening import create_book

FIRST_YEAR = 2022
YEARS = 5
LEAVES_EACH = 60
BANK, EXPENSE, INCOME, PAYABLE = "1002", "5602", "5001", "2202"
CUSTOMERS = "1122"
GROUPS = {BANK: "银行", EXPENSE: "费用", INCOME: "收入", PAYABLE: "应付"}
BUSIEST = "100201"
"""The account that three vouchers of ten touch, as a firm's main bank account is."""
WORDS = (
    "支付材料款",
    "收到货款",
    "报销差旅费",
    "发放工资",
    "缴纳税款",
    "办公用品",
    "销售商品",
    "结算运费",
    "支付房租",
    "退回押金",
)
RARE_WORD = "蓝鲸"
RARE_EVERY = 5_000
VOUCHER_COLUMNS = (
    *("date", "word", "number", "line", "summary", "account_code", "account_name", "debit", "credit", "aux"),
    *("quantity", "cash_flow_line", "kind"),
)
ACCOUNT_COLUMNS = (
    *("code", "parent", "name_zh", "category", "normal_side", "is_leaf", "is_cash", "aux_type", "quantity"),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How large a synthetic book is."""

    vouchers: int
    counterparties: int = 0

    @property
    def name(self) -> str:
        """Return a short name for files and tables."""
        count = self.vouchers
        text = f"{count // 1_000_000}M" if count >= 1_000_000 else f"{count // 1000}k" if count >= 1000 else str(count)
        return text + (f"+{self.counterparties // 1000}k" if self.counterparties else "")


def leaves() -> dict[str, list[str]]:
    """Return the codes of the 240 leaf accounts by their parent."""
    made: dict[str, list[str]] = {}
    for parent in GROUPS:
        # 5602 has children 560201…; ours follow them
        first = 41 if parent == EXPENSE else 1
        made[parent] = [f"{parent}{number:02}" for number in range(first, first + LEAVES_EACH)]
    return {**made, EXPENSE: [code for code in made[EXPENSE] if len(code) == 6]}


def account_rows() -> list[list[str]]:
    """Return the rows of `accounts.csv` for the leaves."""
    sides = {BANK: ("资产", "借"), EXPENSE: ("损益", "借"), INCOME: ("损益", "贷"), PAYABLE: ("负债", "贷")}
    rows = []
    for parent, codes in leaves().items():
        category, side = sides[parent]
        rows += [[code, parent, f"{GROUPS[parent]}{code[4:]}", category, side, "Y", "", "", ""] for code in codes]
    return rows


def vouchers(size: Size) -> Iterator[ImportedVoucher]:
    """Yield the vouchers in order of month and number; 2.6 entries each on average."""
    choice = random.Random(size.vouchers * 31 + size.counterparties)
    groups = leaves()
    months = [(FIRST_YEAR + index // 12) * 100 + index % 12 + 1 for index in range(YEARS * 12)]
    made = 0
    for place, period in enumerate(months):
        until = size.vouchers * (place + 1) // len(months)
        number = 0
        while made < until:
            made += 1
            number += 1
            yield _voucher(choice, groups, period, number, made, size.counterparties)


def _voucher(
    choice: random.Random, groups: dict[str, list[str]], period: int, number: int, place: int, counterparties: int
) -> ImportedVoucher:
    bank = BUSIEST if choice.random() < 0.3 else choice.choice(groups[BANK])
    amount = choice.randint(100, 5_000_000)
    word = choice.choice(WORDS)
    summary = f"{word} 第{place}笔" + (RARE_WORD if place % RARE_EVERY == 7 else "")
    with_customer = counterparties > 0 and choice.random() < 0.5
    other = choice.choice(groups[choice.choice((EXPENSE, INCOME, PAYABLE))])
    if with_customer:
        customer = f"客户:往来单位{choice.randrange(counterparties):05}"
        first = ImportedEntry(summary, CUSTOMERS, 1, amount, 0, aux=customer)
    else:
        first = ImportedEntry(summary, other, 1, amount, 0)
    entries = [first]
    if choice.random() < 0.6:
        part = amount * choice.randint(5, 95) // 100
        second = choice.choice(groups[PAYABLE])
        entries += [ImportedEntry(summary, second, -1, 0, part), ImportedEntry(summary, bank, -1, 0, amount - part)]
    else:
        entries.append(ImportedEntry(summary, bank, -1, 0, amount))
    day = number % 28 + 1
    date = f"{period // 100}-{period % 100:02}-{day:02}"
    return ImportedVoucher(date, period, "记", number, "normal", 1, f"{place}", entries)


def write_csv_book(size: Size, folder: Path) -> None:
    """Write the book as csv-book files."""
    folder.mkdir(parents=True)
    with (folder / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(ACCOUNT_COLUMNS)
        writer.writerows(account_rows())
    with (folder / "vouchers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(VOUCHER_COLUMNS)
        for made in vouchers(size):
            for line, entry in enumerate(made.entries, start=1):
                debit = f"{entry.debit // 100}.{entry.debit % 100:02}" if entry.debit else ""
                credit = f"{entry.credit // 100}.{entry.credit % 100:02}" if entry.credit else ""
                head = (made.date, made.word, made.number, line, entry.summary, entry.account_code, "")
                writer.writerow((*head, debit, credit, entry.aux, "", "", "normal"))


def make_empty_book(path: Path) -> None:
    """Make a firm's book without vouchers."""
    create_book(
        parse_address(str(path)),
        name="合成账簿",
        chart="small_enterprise_2013",
        start=f"{FIRST_YEAR}-01",
        vat="general",
    )


def build_book(size: Size, path: Path) -> None:
    """Make the book through the bulk service, all vouchers posted and the index of words up to date."""
    from app.exchange.importing import import_paths

    make_empty_book(path)
    folder = path.with_suffix(".accounts")
    folder.mkdir(exist_ok=True)
    accounts = folder / "accounts.csv"
    with accounts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(ACCOUNT_COLUMNS)
        writer.writerows(account_rows())
    book = open_database(str(path))
    try:
        with book.session():
            owner = acting(book)

            def work() -> None:
                import_paths(owner, [accounts], format_name="csv-book")
                import_vouchers(owner, vouchers(size), post=True, origin="synthetic", total=size.vouchers)

            run_unit(work)
            continue_index()
    finally:
        book.close()


def acting(_book: Book) -> Actor:
    """Return the owner of the current book."""
    owner = owner_actor()
    assert owner is not None, "a new book has an owner"
    return owner
