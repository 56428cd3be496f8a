"""A month worked out by hand (books/month/README.md): a general taxpayer's June, the book opened in mid-2026."""

from __future__ import annotations

from app.client.api import ApiClient
from app.contract.closing import StepKey
from tests.scenarios.worked import BOOKS, WorkedBook, literal, statements

MONTH = BOOKS / "month"
JUNE = "2026-06"
SIDES = ("opening", "period", "ytd", "closing")
STOCK = ("opening_qty", "opening_amount", "in_qty", "in_amount", "out_qty", "out_amount", "closing_qty")

# opening, June, year to date, closing: debit and credit of each; zero is a dash
TRIAL_BALANCE = {
    # parents: turnover is the sum, the balance the net; red entries are negative on their own side
    "1002": "857195.82 - 541136.32 402727.00 2203238.68 1961033.54 995605.14 -",
    "100202": "71200.00 - 7449.90 71.40 8149.90 70571.40 78578.50 -",
    "1122": "159600.00 - 167480.00 272930.00 1455680.00 1522930.00 54150.00 -",
    "1123": "16500.00 - 10000.00 24000.00 30000.00 39000.00 2500.00 -",
    "1403": "66800.00 - 26053.10 40022.89 374053.10 361222.89 52830.21 -",
    "1405": "162000.00 - 133622.65 138659.08 833622.65 751659.08 156963.57 -",
    "1606": "- - 30000.00 31200.00 33000.00 34200.00 - 1200.00",
    "1901": "1200.00 - 4156.00 1676.00 5356.00 1676.00 3680.00 -",
    "2202": "- 102550.00 90000.00 87035.00 720000.00 721385.00 - 99585.00",
    "220202": "- 8000.00 - -2000.00 - -4000.00 - 6000.00",
    "2203": "- 42500.00 62150.00 30000.00 82150.00 80000.00 - 10350.00",
    # the columns of 222101 keep their balances while it nets to zero
    "222101": "- - 26252.99 26252.99 189042.99 189042.99 - -",
    "22210101": "80598.53 - 20335.02 - 100933.55 - 100933.55 -",
    "22210104": "82191.47 - 5917.97 - 88109.44 - 88109.44 -",
    "22210107": "- 162790.00 - 26096.99 - 188886.99 - 188886.99",
    "22210109": "- - - 156.00 - 156.00 - 156.00",
    "2221": "- 23040.00 49292.99 37495.15 320763.03 303539.59 - 11242.16",
    "3103": "- 261120.42 - - 1023479.58 1284600.00 - 261120.42",
    "4001": "16000.00 - 85422.89 86400.00 579422.89 576400.00 15022.89 -",
    "4101": "- - 14602.29 14602.29 38602.29 38602.29 - -",
    "5001": "- - - 201213.01 1240000.00 1441213.01 - 201213.01",
    "560302": "- - -86.42 12.30 -498.78 -400.06 - 98.72",
}
PARTIES = {
    ("1122", "客户:东升商场"): ("0.00", "8200.00"),
    ("1122", "客户:远洋贸易"): ("0.00", "7000.00"),
    ("1122", "客户:南方百货"): ("55050.00", "0.00"),
    ("1122", "客户:Pacific"): ("14300.00", "0.00"),
    ("2203", "客户:西岭公司"): ("12150.00", "0.00"),
    ("2203", "客户:北辰公司"): ("0.00", "22500.00"),
    ("1123", "供应商:恒通物流"): ("0.00", "4000.00"),
    # the same supplier is owed for goods without an invoice, and has been paid too much for the others
    ("220201", "供应商:华新材料"): ("500.00", "0.00"),
    ("220202", "供应商:华新材料"): ("0.00", "6000.00"),
}


def test_a_month_from_its_openings_to_its_close(unmade: WorkedBook) -> None:
    unmade.do("new", "--chart", "small_enterprise_2013", "--start", JUNE, "--name", "青禾制品")
    imported = unmade.do("import", MONTH, "--json").json
    assert imported == {"vouchers": 70, "posted": 0, "skipped": [], "warnings": []}
    with unmade.client() as api:
        assert statements(api, JUNE, unposted=True) == literal(MONTH)
        begin = statements(api, JUNE, "balance-sheet")["balance-sheet"]
        assert {line: amounts[1] for line, amounts in begin.items()} == {
            line: amounts[1] for line, amounts in literal(MONTH)["balance-sheet"].items()
        }
        assert unmade.do("post", "--period", JUNE, "--json").json == {"posted": 70, "refused": []}
        check_books(unmade)
        assert statements(api, JUNE) == literal(MONTH)

        check_steps(api)
        refused = unmade.command("close", JUNE)
        assert (refused.code, refused.out) == (1, "")
        assert "5001" in refused.err
        unmade.do("close", JUNE, "--carry-forward")
        assert statements(api, JUNE) == literal(MONTH)
    unmade.check(MONTH, JUNE)
    accounts = unmade.accounts(JUNE)
    assert accounts["3103"]["closing_credit"] == "222566.55"
    kept = {code for code, row in accounts.items() if row["closing_debit"] != row["closing_credit"]}
    assert not {code for code in kept if code.startswith("5")}
    unmade.do("verify")


def check_steps(api: ApiClient) -> None:
    """The steps of the close compute what was booked by hand, and so have nothing to propose."""
    parameters = api.closing_parameters()
    api.change_closing_parameters(parameters.model_copy(update={"small_low_profit": True}))
    steps: tuple[StepKey, ...] = ("revaluation", "depreciation", "amortisation", "cost", "vat", "surcharges")
    for step in (*steps, "income_tax"):
        typed = {"rate.USD": "7.15"} if step == "revaluation" else {}
        assert api.propose_step(JUNE, step, typed).vouchers == [], step


def check_books(book: WorkedBook) -> None:
    """Compare trial balance, stock, counterparties and foreign money with what was worked out."""
    accounts = book.accounts(JUNE)
    assert {code: figures(accounts[code]) for code in TRIAL_BALANCE} == TRIAL_BALANCE
    assert [row["closing"] for row in accounts["100202"]["currencies"]] == ["10990.00"]

    stock = {row["account_code"]: [row[key] for key in STOCK] for row in book.found("quantity", JUNE)}
    assert stock["1403"] == ["1670", "66800.00", "650", "26053.10", "1000", "40022.89", "1320"]
    assert stock["1405"] == ["1050", "162000.00", "902", "133622.65", "930", "138659.08", "1022"]

    rows = book.found("auxiliary-balance", JUNE)
    parties = {(row["account_code"], row["aux"]): (row["closing_debit"], row["closing_credit"]) for row in rows}
    assert {party: parties[party] for party in PARTIES} == PARTIES


def figures(row: dict[str, str]) -> str:
    """Return the eight amounts of a trial balance row."""
    texts = (row[f"{name}_{side}"] for name in SIDES for side in ("debit", "credit"))
    return " ".join("-" if text == "0.00" else text for text in texts)
