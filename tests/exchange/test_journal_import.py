"""Journals become accounts and vouchers: nothing is lost, and what has no place in a book is said."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.exchange.errors import FileRefused
from app.ledger.queries.content import all_accounts
from app.storage.database import fetch_all
from tests.exchange.conftest import MakeDesk
from tests.exchange.desk import Desk, without_zeros
from tests.exchange.journals import HLEDGER, LEDGER
from tests.exchange.oracles import hledger_balances, ledger_balances
from tests.exchange.test_journal_reading import write

OFFSET = "虚拟分录对方"


def accounts(desk: Desk) -> dict[str, str]:
    """Return codes by source name."""
    with desk.book.session():
        return {account.source_name: account.code for account in all_accounts() if account.source_name}


def entries(desk: Desk) -> list[tuple[object, ...]]:
    with desk.book.session():
        return fetch_all(
            "SELECT e.summary, a.source_name, e.side, e.debit, e.credit, c.code, e.foreign_amount, e.rate, e.unvalued"
            " FROM {entry} e JOIN {account} a ON a.id = e.account_id JOIN {currency} c ON c.id = e.currency_id"
            " ORDER BY e.voucher_id, e.line"
        )


@pytest.mark.parametrize("chart", ["household", "small_enterprise_2013", "asbe_2006_2019"])
@pytest.mark.parametrize("part", HLEDGER)
def test_a_book_holds_what_hledger_adds_up(part: str, chart: str, make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk(chart)
    path = write(tmp_path, HLEDGER[part])
    result = desk.bring(path, format_name="hledger", post=True)
    held = {key: amount for key, amount in desk.balances().items() if key[0] != OFFSET}
    assert without_zeros(held) == without_zeros(hledger_balances(path))
    assert result.vouchers == result.posted == len(desk.states())
    assert desk.findings() == []


@pytest.mark.parametrize("part", LEDGER)
def test_a_book_holds_what_ledger_adds_up(part: str, make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk()
    path = write(tmp_path, LEDGER[part])
    desk.bring(path, format_name="ledger", post=True)
    held = {key: amount for key, amount in desk.balances().items() if key[0] != OFFSET}
    assert without_zeros(held) == without_zeros(ledger_balances(path))
    assert desk.findings() == []


def test_accounts_get_codes_under_their_class_and_keep_their_path(desk: Desk, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
account assets:bank
2026-03-01 pay
    assets:bank:icbc    100 CNY
    income:salary      -90 CNY
    Revenues           -10 CNY
2026-03-02 others
    负债:花呗    5 CNY
    equity      -5 CNY
2026-03-03 parent and child
    expenses         3 CNY
    expenses:food    4 CNY
    Wonderland:tea  -7 CNY
""",
    )
    result = desk.bring(path, post=True)
    assert result.warnings == ["不认识一级科目“Wonderland”，按资产处理。"]
    codes = accounts(desk)
    assert codes == {
        "assets": "1901",
        "assets:bank": "190101",
        "assets:bank:icbc": "19010101",
        "Wonderland": "1902",
        "Wonderland:tea": "190201",
        "负债": "2901",
        "负债:花呗": "290101",
        "equity": "3901",
        "income": "4901",
        "income:salary": "490101",
        "Revenues": "4902",
        "expenses": "595100",
        "expenses:food": "595101",
    }
    rows = {row["code"]: row for row in desk.report("trial-balance")[0]}
    assert rows["5951"]["source_name"] == ""
    assert rows["5951"]["closing_debit"] == "7.00"
    assert rows["595100"]["closing_debit"] == "3.00"


def test_a_second_journal_finds_the_accounts_of_the_first(desk: Desk, tmp_path: Path) -> None:
    first = "2026-03-01 x\n  assets:bank  5 CNY\n  equity  -5 CNY\n"
    desk.bring(write(tmp_path, first), post=True)
    before = accounts(desk)
    # assets gets postings of its own, assets:bank (booked on already) gets a sub-account
    second = "2026-03-02 x\n  assets:bank:icbc  1 CNY\n  assets  2 CNY\n  equity  -3 CNY\n"
    result = desk.bring(write(tmp_path, second, "b.journal"), post=True)
    assert result.warnings == ["科目“assets:bank”已有发生额，新的下级科目放在它的旁边。"]
    after = accounts(desk)
    assert after["assets:bank"] == before["assets:bank"]
    assert after["assets"] == before["assets"] + "00"
    desk.bring(write(tmp_path, second.replace("03-02", "03-03"), "c.journal"), post=True)
    assert accounts(desk) == after
    assert without_zeros(desk.balances()) == {
        ("assets:bank", "CNY"): 5,
        ("assets:bank:icbc", "CNY"): 2,
        ("assets", "CNY"): 4,
        ("equity", "CNY"): -11,
    }
    assert desk.findings() == []


def test_more_than_ninety_nine_children_get_longer_codes(desk: Desk, tmp_path: Path) -> None:
    lines = [f"    assets:a{number:03d}  1 CNY" for number in range(150)]
    path = write(tmp_path, "\n".join(["2026-03-01 x", *lines, "    equity  -150 CNY", ""]))
    desk.bring(path, post=True)
    codes = [code for name, code in accounts(desk).items() if name.startswith("assets:")]
    assert len(set(codes)) == 150
    assert {len(code) for code in codes} == {6, 7}


def test_an_account_deeper_than_codes_reach_is_refused(desk: Desk, tmp_path: Path) -> None:
    name = ":".join(["assets"] + ["x"] * 20)
    before = desk.everything()
    with pytest.raises(FileRefused, match="太深") as caught:
        desk.bring(write(tmp_path, f"\n2026-03-01 x\n  {name}  1 CNY\n  equity\n"))
    assert caught.value.details["line"] == 3
    assert desk.everything() == before


def test_base_amounts_foreign_amounts_and_costs(desk: Desk, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
2026-03-01 exchange
    assets:usd     100 USD @ 7.1234 CNY
    assets:cash   -712.34 CNY
2026-03-02 implied
    assets:usd     3 USD
    assets:cash   -20.00 CNY
2026-03-03 no price
    assets:points    5 PTS
    equity          -5 PTS
2026-03-04 priced in a third one
    assets:eur    -20 EUR @ 7.53 HRK
    assets:hrk    150.60 HRK
2026-03-05 a sign for the base currency
    assets:cash   ¥10
    equity
""",
    )
    result = desk.bring(path, post=True)
    assert result.warnings == ["“¥”按本位币 CNY 一比一计价。"]
    assert entries(desk) == [
        ("exchange", "assets:usd", 1, 71234, 0, "USD", 10000, "7.1234", 0),
        ("exchange", "assets:cash", -1, 0, 71234, "CNY", 0, "", 0),
        ("implied", "assets:usd", 1, 2000, 0, "USD", 300, "6.666666666667", 0),
        ("implied", "assets:cash", -1, 0, 2000, "CNY", 0, "", 0),
        ("no price", "assets:points", 1, 0, 0, "PTS", 5_0000_0000, "", 1),
        ("no price", "equity", -1, 0, 0, "PTS", 5_0000_0000, "", 1),
        ("priced in a third one", "assets:eur", -1, 0, 0, "EUR", 2000, "7.53 HRK", 1),
        ("priced in a third one", "assets:hrk", 1, 0, 0, "HRK", 15060, "", 1),
        ("a sign for the base currency", "assets:cash", 1, 1000, 0, "¥", 1000, "1", 0),
        ("a sign for the base currency", "equity", -1, 0, 1000, "¥", 1000, "1", 0),
    ]
    assert desk.findings() == []


def test_rounding_goes_into_what_was_worked_out(desk: Desk, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
2026-03-01 each a third of a cent too much
    assets:a    1 USD @ 0.335 CNY
    assets:b    1 USD @ 0.335 CNY
    assets:c   -0.67 CNY
2026-03-02 left out
    assets:a    3 USD @ 0.335 CNY
    assets:c
2026-03-03 in another commodity
    assets:x    3 X @@ 1.00 HRK
    assets:h
    assets:x    1 X @ 0.333333 HRK
""",
    )
    desk.bring(path, post=True)
    assert desk.findings() == []
    balances = desk.balances()
    assert balances["assets:a", "USD"] == 4
    assert balances["assets:x", "X"] == 4
    assert balances["assets:h", "HRK"] == Decimal("-1.333333")
    assert sum(row[3] - row[4] for row in entries(desk)) == 0  # type: ignore[operator]


def test_more_decimals_than_money_has_make_a_commodity_of_eight(desk: Desk, tmp_path: Path) -> None:
    desk.bring(write(tmp_path, "2026-03-01 x\n  a  1.005 EUR\n  b\n"), post=True)
    assert desk.balances()["a", "EUR"] == Decimal("1.005")


def test_more_decimals_than_the_book_can_hold_are_refused(desk: Desk, tmp_path: Path) -> None:
    for text in ("1.005 CNY", "1.123456789 PTS"):
        with pytest.raises(FileRefused, match="小数多于") as caught:
            desk.bring(write(tmp_path, f"2026-03-01 x\n  a  {text}\n  b\n"))
        assert caught.value.details["line"] == 2


def test_zero_amounts_are_listed_and_their_accounts_made(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "2026-03-01 x\n  a  1 CNY\n  b  0 CNY\n  c\n\n2026-03-02 nothing\n  a  0\n  d\n")
    result = desk.bring(path, post=True)
    assert [skipped.where for skipped in result.skipped] == ["a.journal:3", "a.journal:7", "a.journal:8"]
    assert result.vouchers == 1
    assert {"a", "b", "c", "d"} <= accounts(desk).keys()


def test_descriptions_codes_and_comments_stay_in_the_summary(desk: Desk, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "2026-03-01 * (42) shop  ; all of it\n  a  1 CNY\n  b  2 CNY  ; fruit\n  c\n2026-03-02\n  a  1 CNY\n  c\n",
    )
    desk.bring(path)
    assert [row[0] for row in entries(desk)] == [
        "(42) shop ; all of it",
        "(42) shop ; fruit",
        "(42) shop ; all of it",
        "无摘要",
        "无摘要",
    ]
    long = write(tmp_path, f"2026-03-03 {'x' * 300}\n  a  1 CNY\n  c\n", "long.journal")
    assert "已截短" in desk.bring(long).warnings[0]


def test_vouchers_are_numbered_by_date(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "2026-03-09 later\n  a  1 CNY\n  b\n2026-03-01 sooner\n  a  1 CNY\n  b\n")
    desk.bring(path)
    with desk.book.session():
        rows = fetch_all("SELECT number, date, word, state, origin FROM {voucher} ORDER BY number")
    assert rows == [
        (1, "2026-03-01", "记", "draft", "import:a.journal"),
        (2, "2026-03-09", "记", "draft", "import:a.journal"),
    ]


def test_a_virtual_posting_without_another_side_gets_one(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "2026-03-01 x\n  a  1 CNY\n  b\n  (budget)  5 CNY\n")
    result = desk.bring(path, post=True)
    assert OFFSET in result.warnings[-1]
    assert desk.balances()[OFFSET, "CNY"] == -5
    assert desk.findings() == []


def test_a_date_before_the_book_is_refused(desk: Desk, tmp_path: Path) -> None:
    before = desk.everything()
    path = write(tmp_path, "2026-03-01 x\n  a  1 CNY\n  b\n2026-02-28 early\n  a  1 CNY\n  b\n")
    with pytest.raises(FileRefused, match="早于") as caught:
        desk.bring(path)
    assert caught.value.details["line"] == 4
    assert desk.everything() == before


def test_a_trial_run_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    before = desk.everything()
    path = write(tmp_path, HLEDGER["costs"].replace("2020-01", "2026-03"))
    result = desk.bring(path, dry_run=True, post=True)
    assert (result.vouchers, result.posted) == (6, 6)
    assert desk.everything() == before
