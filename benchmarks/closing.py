"""Closing a December of many vouchers: the plan of its steps, and the close that carries profit and loss forward.

`python -m benchmarks.closing [--vouchers 10000]` makes its own book in a temporary folder: every account of expense and
income in use, 2,000 products on revenue, so that the carry-forward has thousands of lines.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.contract.ledger import AuxiliaryInput
from app.ledger.service import periods, sets
from app.ledger.service.bulk import ImportedEntry, ImportedVoucher, import_vouchers
from app.ledger.service.closing import steps
from app.storage.database import fetch_all, open_database
from benchmarks.measuring import Figure, machine, time_ms
from benchmarks.synthetic import FIRST_YEAR, acting, make_empty_book
from benchmarks.table import as_markdown

PRODUCTS = 2_000
MONTH = 12
LIMIT_MS = 2_000
ROUNDS = 3


def make_month(path: Path, vouchers: int) -> None:
    """Make a book whose December has all its vouchers, posted, the months before closed."""
    make_empty_book(path)
    book = open_database(str(path))
    period = FIRST_YEAR * 100 + MONTH
    with book.session():
        owner = acting(book)
        for number in range(PRODUCTS):
            sets.create_auxiliary(owner, AuxiliaryInput(kind="产品", name=f"产品{number:04d}"))
        codes = [
            row[0]
            for row in fetch_all(
                "SELECT code FROM {account} WHERE category = '损益' AND is_leaf = 1 AND code <> '5001' ORDER BY code"
            )
        ]
        import_vouchers(owner, _vouchers(period, codes, vouchers), post=True)
        for month in range(1, MONTH):
            periods.close_period(owner, FIRST_YEAR * 100 + month)
    book.close()


def _vouchers(period: int, codes: list[str], count: int) -> Iterator[ImportedVoucher]:
    choice = random.Random(count)
    for number in range(count):
        amount = choice.randint(100, 5_000_000)
        day = f"{FIRST_YEAR}-{MONTH}-{number % 31 + 1:02d}"
        if number % 2:
            aux = f"产品:产品{choice.randrange(PRODUCTS):04d}"
            entries = [
                ImportedEntry("销售", "1002", 1, amount, 0, cash_flow_line=1),
                ImportedEntry("销售", "5001", -1, 0, amount, aux),
            ]
        else:
            entries = [
                ImportedEntry("费用", choice.choice(codes), 1, amount, 0),
                ImportedEntry("费用", "1002", -1, 0, amount, cash_flow_line=6),
            ]
        yield ImportedVoucher(day, period, "记", None, "normal", 1, str(number), entries)


def measure_closing(vouchers: int) -> Iterator[Figure]:
    """Measure the plan and the close on copies of one book."""
    name = f"{vouchers // 1000}k in one month"
    period = FIRST_YEAR * 100 + MONTH
    with tempfile.TemporaryDirectory(prefix="zhangfang-closing-") as folder:
        source = Path(folder) / "month.zhangfang"
        make_month(source, vouchers)
        plans: list[float] = []
        closes: list[float] = []
        lines = 0
        for number in range(ROUNDS):
            copy = Path(folder) / f"copy{number}.zhangfang"
            shutil.copy(source, copy)
            planned, closed, lines = _close(copy, period)
            plans.append(planned)
            closes.append(closed)
    yield Figure("plan of the closing steps", name, statistics.median(plans), "ms")
    yield Figure(
        f"close --carry-forward, {lines} lines carried",
        name,
        statistics.median(closes),
        "ms",
        bar=f"< {LIMIT_MS // 1000} s",
        limit=LIMIT_MS,
    )


def _close(path: Path, period: int) -> tuple[float, float, int]:
    """Return the milliseconds of the plan and of the close, and how many lines were carried."""
    book = open_database(str(path))
    with book.session():
        owner = acting(book)
        planned = time_ms(lambda: steps.plan(owner, period))
        closed = time_ms(lambda: periods.close_period(owner, period, carry=True))
        rows = fetch_all(
            "SELECT COUNT(*) FROM {entry} e JOIN {voucher} v ON v.id = e.voucher_id WHERE v.kind = 'close_pl'"
        )
    book.close()
    return planned, closed, int(rows[0][0])


def main() -> int:
    """Measure and print; exit 1 when the bar does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.closing", description=__doc__)
    parser.add_argument("--vouchers", type=int, action="append", help="vouchers of the month (default 10000)")
    figures = [figure for count in parser.parse_args().vouchers or [10_000] for figure in measure_closing(count)]
    print(as_markdown(figures, machine()))
    return 1 if any(figure.holds is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
