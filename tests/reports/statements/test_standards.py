"""The forms of the other standards: households by a worked case, 企业会计准则 by its identities."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.contract.ledger import AccountInput, AuxiliaryUse
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.ledger.service.accounts import create_account
from app.ledger.service.book import set_up_ledger
from app.reports.statements.explanation import explain_cell
from app.reports.statements.reading import StatementRequest
from app.storage.database import Book
from tests.ledger.build import line
from tests.reports.asking import ask
from tests.reports.statements.asking import failing, lines, posted, posted_as, statement


@pytest.fixture
def family(book: Book) -> Actor:
    """The owner of a household's book that starts in 2026-03."""
    actor = ensure_owner("王会计")
    set_up_ledger(name="家", chart="household", start_period=202603)
    return actor


@pytest.fixture
def company(book: Book) -> Actor:
    """The owner of a book under 企业会计准则."""
    actor = ensure_owner("王会计")
    set_up_ledger(name="甲股份", chart="asbe_2006_2019", start_period=202601)
    return actor


@pytest.fixture(autouse=True)
def session(book: Book) -> object:
    with book.session():
        yield book


def month(actor: Actor) -> None:
    posted(actor, "2026-03-01", line("1001", "800"), line("100201", "5000"), line("3001", credit="5800"))
    posted(actor, "2026-03-02", line("5002", "459"), line("200101", credit="459"))
    posted(actor, "2026-03-05", line("100201", "9000"), line("520101", "100"), line("4001", credit="9100"))
    posted(actor, "2026-03-09", line("5002", "-159"), line("200101", credit="-159"))
    posted(actor, "2026-03-20", line("500301", "300"), line("1001", credit="300"))
    posted(actor, "2026-03-21", line("1203", "40"), line("1001", credit="40"))
    posted(actor, "2026-03-22", line("1001", "40"), line("1203", credit="40"))


NET_WORTH = [
    ("现金", "1001", "500.00"),
    ("银行存款", "1002", "14000.00"),
    ("资产合计", "", "14500.00"),
    ("信用卡", "2001", "300.00"),
    ("负债合计", "", "300.00"),
    ("净资产", "", "14200.00"),
    ("其中：期初净资产", "3001", "5800.00"),
    ("其中：本期结余", "3101", "8400.00"),
]
INCOME_EXPENSE = [
    ("收入", "4001", "工资薪金", "9100.00"),
    ("收入合计", "", "", "9100.00"),
    ("支出", "5002", "服饰", "300.00"),
    ("支出", "5003", "居住", "300.00"),
    ("支出", "5201", "税费与社保", "100.00"),
    ("支出合计", "", "", "700.00"),
    ("本期结余", "", "", "8400.00"),
]


def rows(actor: Actor, name: str) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in ask(actor, name)[0]]


def test_a_household_before_and_after_its_month_is_closed(family: Actor) -> None:
    month(family)
    assert rows(family, "net-worth") == NET_WORTH
    assert rows(family, "income-expense") == INCOME_EXPENSE
    posted_as(
        family,
        "close_pl",
        "2026-03-31",
        line("4001", "9100"),
        line("5002", credit="300"),
        line("500301", credit="300"),
        line("520101", credit="100"),
        line("3101", credit="8400"),
    )
    assert rows(family, "net-worth") == NET_WORTH
    assert rows(family, "income-expense") == INCOME_EXPENSE
    assert failing(statement(family, "net-worth")) == []
    assert failing(statement(family, "income-expense")) == []


def test_an_account_of_a_list_explains_itself(family: Actor) -> None:
    month(family)
    cell = explain_cell(family, "net-worth", 1, "amount", StatementRequest(), code="1002")
    assert (cell.row_zh, cell.amount) == ("银行存款", "14000.00")
    assert [(part.account_code, part.amount) for part in cell.terms[0].accounts] == [("100201", "14000.00")]


def test_the_worked_case(family: Actor) -> None:
    """Every figure of the household case, where its folder is at hand."""
    case = Path(__file__).parents[4] / "shared" / "cases" / "household"
    if not case.is_dir():
        pytest.skip("the worked cases are not on this computer")
    from app.exchange.importing import import_paths

    import_paths(family, [case], format_name="csv-book", post=True)
    for name in ("net-worth", "income-expense"):
        with (case / f"expected_{name.replace('-', '_')}.csv").open(encoding="utf-8", newline="") as file:
            expected = [tuple(row.values()) for row in csv.DictReader(file)]
        assert rows(family, name) == expected


def test_a_company_under_the_other_standard(company: Actor) -> None:
    create_account(
        company,
        AccountInput(code="112201", name_zh="货款", parent_code="1122", auxiliaries=[AuxiliaryUse(kind="客户")]),
    )
    for code, name in (("222101", "应交增值税"), ("222106", "待转销项税额"), ("222111", "应交企业所得税")):
        create_account(company, AccountInput(code=code, name_zh=name, parent_code="2221"))
    posted(company, "2026-01-02", line("1002", "1000"), line("4001", credit="1000"))
    posted(
        company,
        "2026-01-03",
        line("112201", "113", aux="客户:甲"),
        line("6001", credit="100"),
        line("222106", credit="13"),
    )
    posted(company, "2026-01-04", line("1001", "20"), line("112201", credit="20", aux="客户:乙"))
    posted(company, "2026-01-05", line("1405", "200"), line("222101", "26"), line("1002", credit="226"))
    posted(company, "2026-01-06", line("6702", "5"), line("1231", credit="5"))
    posted(company, "2026-01-07", line("3101", "7"), line("6101", credit="7"))
    posted(company, "2026-01-08", line("6801", "9"), line("222111", credit="9"))
    posted(company, "2026-01-09", line("1504", "4"), line("4003", credit="4"))
    posted(company, "2026-01-10", line("6901", "2"), line("1001", credit="2"))
    balance = lines(company, "balance-sheet", "closing")
    assert {key: balance[key] for key in (1, 3, 5, 9, 13, 19, 34)} == {
        1: "792.00",
        3: "7.00",
        5: "108.00",
        9: "200.00",
        13: "26.00",
        19: "4.00",
        34: "1137.00",
    }
    assert {key: balance[key] for key in (40, 43, 47, 61, 67, 70, 72)} == {
        40: "20.00",
        43: "9.00",
        47: "13.00",
        61: "1000.00",
        67: "4.00",
        70: "91.00",
        72: "1137.00",
    }
    profit = lines(company, "income-statement", "month")
    assert {key: profit[key] for key in (1, 15, 16, 19, 22, 23, 24, 25, 27, 30)} == {
        1: "100.00",
        15: "7.00",
        16: "-5.00",
        19: "102.00",
        22: "102.00",
        23: "9.00",
        24: "93.00",
        25: "93.00",
        27: "4.00",
        30: "97.00",
    }
    assert failing(statement(company, "balance-sheet")) == []
    assert failing(statement(company, "income-statement")) == []


def test_every_account_of_the_other_standard_stands_on_one_line(company: Actor) -> None:
    """A cent on each account of the chart: what is left out or counted twice parts the two sides."""
    from app.storage.database import fetch_all

    codes = [
        row[0] for row in fetch_all("SELECT code FROM {account} WHERE is_leaf = 1 AND code <> '1002' ORDER BY code")
    ]
    for code in codes:
        posted(company, "2026-01-02", line(code, "0.01"), line("1002", credit="0.01"))
    assert failing(statement(company, "balance-sheet")) == []
    assert failing(statement(company, "income-statement")) == []
    assert lines(company, "balance-sheet", "year_begin") == {}
