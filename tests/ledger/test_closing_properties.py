"""Whatever is booked: after the carry-forward every profit-and-loss account is nil and nothing is left to carry."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.contract.closing import ClosedPeriod
from app.contract.ledger import AuxiliaryInput, EntryInput
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.ledger.service import periods, sets
from app.ledger.service.book import set_up_ledger
from app.ledger.service.closing import steps
from app.ledger.verify import verify_book
from app.storage.creation import make_room
from app.storage.database import fetch_all, open_database
from app.storage.migrate import migrate
from tests.ledger.build import line, posted

CHARTS = {
    "small_enterprise_2013": (("5001", "530105", "560304", "5801", "540302"), "3103", "310415"),
    "asbe_2006_2019": (("6001", "6301", "6602", "6801", "6901"), "4103", "4104"),
    "household": (("4001", "4005", "5001", "500301", "510101"), "3101", "3102"),
}
BANK = {"household": "100201"}
GOODS = ("", "产品:甲", "产品:乙")
PERIODS = (202611, 202612, 202701)


class Posting(NamedTuple):
    """One voucher on a profit-and-loss account against the bank; a negative amount is red."""

    period: int
    account: int
    minor: int
    is_debit: bool
    aux: str
    in_dollars: bool
    pieces: int


@st.composite
def posting(draw: st.DrawFn) -> Posting:
    """Any of them."""
    return Posting(
        draw(st.sampled_from(PERIODS)),
        draw(st.integers(0, 4)),
        draw(st.integers(-9999, 9999).filter(bool)),
        draw(st.booleans()),
        draw(st.sampled_from(GOODS)),
        draw(st.booleans()),
        draw(st.integers(0, 3)),
    )


@contextmanager
def book_of(chart: str) -> Iterator[Actor]:
    with tempfile.TemporaryDirectory(prefix="zhangfang-carry-", ignore_cleanup_errors=True) as folder:
        book = open_database(str(Path(folder) / "book.zhangfang"))
        make_room(book)
        migrate(book)
        with book.session():
            owner = ensure_owner("王")
            set_up_ledger(name="甲", chart=chart, start_period=PERIODS[0])
            for name in ("甲", "乙"):
                sets.create_auxiliary(owner, AuxiliaryInput(kind="产品", name=name))
            yield owner
        book.close()


def money(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def book_it(owner: Actor, chart: str, one: Posting) -> None:
    period, account, minor, is_debit, aux, in_dollars, pieces = one
    code = CHARTS[chart][0][account]
    text, day = money(minor), f"{period // 100}-{period % 100:02d}-15"
    more: dict[str, str] = {"quantity": str(pieces)} if pieces else {}
    if in_dollars:
        more.update(currency="USD", foreign_amount=money(minor // 7 or 1))
    aux = aux if chart == "small_enterprise_2013" and code == "5001" else ""
    against = BANK.get(chart, "1002")
    entries: list[EntryInput] = (
        [line(code, text, aux=aux, **more), line(against, credit=text)]
        if is_debit
        else [line(against, text), line(code, credit=text, aux=aux, **more)]
    )
    posted(owner, day, *entries)


def net(condition: str) -> list[tuple[int, int, int]]:
    rows = fetch_all(
        "SELECT SUM(b.debit - b.credit), SUM(b.foreign_debit - b.foreign_credit),"
        " SUM(b.quantity_debit - b.quantity_credit) FROM {balance} b JOIN {account} a ON a.id = b.account_id"
        f" WHERE {condition} GROUP BY a.id, b.currency_id, b.auxiliary_set_id"
    )
    return [(int(row[0]), int(row[1]), int(row[2])) for row in rows]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chart=st.sampled_from(sorted(CHARTS)), postings=st.lists(posting(), max_size=12), late=posting())
def test_every_profit_and_loss_account_comes_to_nil(
    chart: str,
    postings: list[Posting],
    late: Posting,
) -> None:
    with book_of(chart) as owner:
        for one in postings:
            book_it(owner, chart, one)
        profit = 0
        for period in PERIODS:
            if period == late.period:
                close(owner, period)
                periods.reopen_period(owner, period)
                book_it(owner, chart, late)
            close(owner, period)
            assert steps.propose(owner, period, "profit_and_loss", {}).vouchers == []
            nil = net(f"a.category IN ('损益', '收入', '支出') AND b.period <= {period}")
            assert set(nil) <= {(0, 0, 0)}
            if period % 100 == 12:
                assert sum(row[0] for row in net(f"a.code = '{CHARTS[chart][1]}' AND b.period <= {period}")) == 0
                left = steps.propose(owner, period, "year_end", {}).vouchers
                # what the carry-forward leaves is the decision: a reserve, and its detail settled
                assert [voucher.kind for voucher in left] in ([], ["normal"], ["normal", "close_year"])
        profit = sum(row[0] for row in net(f"a.code IN ('{CHARTS[chart][1]}', '{CHARTS[chart][2]}')"))
        cash = sum(row[0] for row in net(f"a.code = '{BANK.get(chart, '1002')}'"))
        assert profit == -cash  # 资产 = 负债 + 权益: all that moved the bank stands in equity
        assert verify_book().findings == []


def close(owner: Actor, period: int) -> ClosedPeriod:
    return periods.close_period(owner, period, carry=True)
