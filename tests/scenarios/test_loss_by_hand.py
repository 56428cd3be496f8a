"""A year that ends in a loss (books/loss/README.md): unclosed openings, a carry-forward typed by hand, 收 付 转."""

from __future__ import annotations

from tests.scenarios.worked import BOOKS, WorkedBook, literal, statements

LOSS = BOOKS / "loss"
NOVEMBER, DECEMBER = "2026-11", "2026-12"
NOVEMBER_INCOME = {
    "1": ("80000.00", "-10000.00"),
    "2": ("56000.00", "-14000.00"),
    "14": ("46700.00", "1700.00"),
    "21": ("-22700.00", "2300.00"),
    "30": ("-22700.00", "2300.00"),
    "32": ("-22700.00", "2300.00"),
}


def test_a_loss_goes_to_undistributed_profit_and_sets_nothing_aside(unmade: WorkedBook) -> None:
    unmade.do("new", "--chart", "small_enterprise_2013", "--start", NOVEMBER, "--name", "远帆贸易")
    imported = unmade.do("import", LOSS, "--post", "--json").json
    assert imported == {"vouchers": 12, "posted": 12, "skipped": [], "warnings": []}
    with unmade.client() as api:
        assert statements(api, DECEMBER) == literal(LOSS)
        for month in (NOVEMBER, DECEMBER):
            before = statements(api, month)
            income = before["income-statement"]
            if month == NOVEMBER:
                assert income == {line: NOVEMBER_INCOME.get(line, ("0.00", "0.00")) for line in income}
            unmade.do("close", month, "--carry-forward")
            assert statements(api, month) == before, month
        assert statements(api, DECEMBER) == literal(LOSS)
    accounts = unmade.accounts(DECEMBER)
    carried = accounts["3103"]
    assert (carried["closing_debit"], carried["closing_credit"]) == ("0.00", "0.00")
    assert accounts["310415"]["closing_credit"] == "1335.10"
    assert accounts["560202"]["ytd_credit"] == "1000.00"  # the late 500.00 of November alone, then December's
    unmade.do("verify")
