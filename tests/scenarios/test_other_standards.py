"""A month of an enterprise on 企业会计准则 and one of a household, each worked out by hand, in their own statements."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.client.api import ApiClient
from app.contract.statements import StatementQuery
from tests.scenarios.worked import BOOKS, WorkedBook, expected

ASBE = BOOKS / "asbe"
HOUSEHOLD = Path(__file__).parents[3] / "shared" / "cases" / "household"
APRIL, MARCH = "2026-04", "2026-03"
ASBE_COLUMNS = {"balance-sheet": ("closing", "year_begin"), "income-statement": ("ytd", "month")}


def test_a_month_of_the_general_standard(unmade: WorkedBook) -> None:
    unmade.do("new", "--chart", "asbe_2006_2019", "--start", APRIL, "--name", "丰源股份")
    imported = unmade.do("import", ASBE, "--post", "--json").json
    assert imported == {"vouchers": 17, "posted": 17, "skipped": [], "warnings": []}
    with unmade.client() as api:
        check_asbe(api)
        unmade.do("close", APRIL, "--carry-forward")
        check_asbe(api)
    accounts = unmade.accounts(APRIL)
    # the carry-forward took the unclosed first quarter along; the statements must not show that
    assert accounts["4103"]["closing_credit"] == "43046.00"
    assert not [code for code, row in accounts.items() if code[0] == "6" and row["closing_debit"] != "0.00"]
    unmade.do("verify")


def check_asbe(api: ApiClient) -> None:
    """Compare both statements row by row; rows that are not in the file must be zero."""
    for name, columns in ASBE_COLUMNS.items():
        statement = api.get_statement(name, StatementQuery(to_period=APRIL))
        assert [check.message for check in statement.checks if not check.ok] == []
        rows = [(row.name_zh, *(row.amounts[column] for column in columns)) for row in statement.rows if row.line]
        filled = [row for row in rows if set(row[1:]) != {"0.00"}]
        assert filled == [(row["name_zh"], *(row[column] for column in columns)) for row in expected(ASBE, name)]


def test_a_household_month_in_its_statements(unmade: WorkedBook) -> None:
    if not HOUSEHOLD.exists():
        pytest.skip(f"the shared cases are not there: {HOUSEHOLD}")
    unmade.do("new", "--chart", "household", "--start", MARCH, "--name", "我家")
    assert unmade.do("import", HOUSEHOLD, "--post", "--json").json["posted"] == 16
    check_household(unmade)
    unmade.do("close", MARCH, "--carry-forward")  # its own carry-forward is among the vouchers: nothing is added
    assert "记-17" not in unmade.do("report", "journal", "--csv").out
    check_household(unmade)


def check_household(book: WorkedBook) -> None:
    """Compare every row of both reports with the case's own figures."""
    for name, keys in (("net-worth", ("item", "code", "amount")), ("income-expense", ("kind", "code", "name_zh"))):
        shown = (*keys, "amount") if name == "income-expense" else keys
        found = [tuple(str(row[key] or "") for key in shown) for row in book.found(name, MARCH)]
        assert found == [tuple(row[key] for key in shown) for row in expected(HOUSEHOLD, name)], name
