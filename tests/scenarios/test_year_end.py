"""A year worked out by hand (books/year/README.md): old loss, year end, reopening, the next January."""

from __future__ import annotations

from app.client.api import ApiClient
from app.contract.closing import CloseWish, StepRun
from app.contract.ledger import BatchSelection, EntryInput, VoucherInput
from tests.scenarios.worked import BOOKS, Lines, WorkedBook, literal, statements

YEAR = BOOKS / "year"
DECEMBER, JANUARY = "2026-12", "2027-01"

# what the forgotten bill of 1,000.00 changes in December's statements
FORGOTTEN_BILL: dict[str, Lines] = {
    "balance-sheet": {
        "1": ("443685.55", "93000.00"),
        "15": ("476212.22", "123000.00"),
        "30": ("505012.22", "161400.00"),
        "50": ("22329.07", "2000.00"),
        "51": ("188961.64", "-65000.00"),
        "52": ("411290.71", "137000.00"),
        "53": ("505012.22", "161400.00"),
    },
    "income-statement": {
        "14": ("91100.00", "35800.00"),
        "21": ("299490.22", "38973.55"),
        "30": ("297990.22", "35173.55"),
        "32": ("286290.71", "23474.04"),
    },
    "cash-flow": {
        "6": ("21500.00", "1000.00"),
        "7": ("300685.55", "54075.55"),
        "20": ("350685.55", "54075.55"),
        "22": ("443685.55", "443685.55"),
    },
    "profit-appropriation": {
        "1": ("286290.71",),
        "4": ("223290.71",),
        "5": ("22329.07",),
        "11": ("200961.64",),
        "13": ("188961.64",),
    },
}
# January's closing column where it differs from its year begin
NEXT_CLOSING = {
    "1": "441785.55",
    "15": "474312.22",
    "30": "503112.22",
    "33": "8700.00",
    "36": "13071.51",
    "38": "0.00",
    "41": "82121.51",
    "47": "82121.51",
    "51": "198661.64",
    "52": "420990.71",
    "53": "503112.22",
}
NEXT_INCOME = {"1": "10000.00", "14": "300.00", "21": "9700.00", "30": "9700.00", "32": "9700.00"}
NEXT_CASH_FLOW = {
    "1": "10100.00",
    "7": "10100.00",
    "18": "12000.00",
    "19": "-12000.00",
    "20": "-1900.00",
    "21": "443685.55",
    "22": "441785.55",
}
NEXT_APPROPRIATION = {"1": "9700.00", "2": "188961.64", "4": "198661.64", "11": "198661.64", "13": "198661.64"}


def test_a_year_from_january_to_the_next(unmade: WorkedBook) -> None:
    unmade.do("new", "--chart", "small_enterprise_2013", "--start", "2026-01", "--vat", "small", "--name", "小雨咖啡")
    imported = unmade.do("import", YEAR, "--post", "--json").json
    assert imported == {"vouchers": 40, "posted": 40, "skipped": [], "warnings": []}
    with unmade.client() as api:
        for month in range(1, 12):
            close_and_compare(api, f"2026-{month:02}")
        before = statements(api, DECEMBER)
        check_before(before)
        refused = unmade.command("close", DECEMBER)
        assert (refused.code, refused.out) == (1, "")
        unmade.do("close", DECEMBER, "--carry-forward")
        assert statements(api, DECEMBER) == before
        check_closed_accounts(unmade, "212290.71")

        unmade.do("reopen", DECEMBER)
        assert run_year_end(api)["310101"] == "22429.07"
        unmade.do("close", DECEMBER)
        unmade.check(YEAR, DECEMBER)
        assert statements(api, DECEMBER) == literal(YEAR)
        check_closed_accounts(unmade, "189861.64", "22429.07")
        check_a_forgotten_bill(unmade, api)
        check_next_january(api)
    unmade.do("verify")


def close_and_compare(api: ApiClient, month: str) -> None:
    """Carry a month's profit and loss forward: the statements stay as they were."""
    before = statements(api, month)
    api.close_period(month, CloseWish(carry_forward=True))
    assert statements(api, month) == before, month


def check_before(before: dict[str, Lines]) -> None:
    """Without 结转损益 all lines stand as after it; only the reserve is still in the undistributed profit."""
    after = literal(YEAR)
    for name, lines in after.items():
        apart = {"balance-sheet": {"50", "51"}, "profit-appropriation": {"5", "11", "13"}}.get(name, set())
        assert {key: before[name][key] for key in lines if key not in apart} == {
            key: amounts for key, amounts in lines.items() if key not in apart
        }, name
    assert before["balance-sheet"]["50"] == ("0.00", "2000.00")
    assert before["balance-sheet"]["51"] == ("212290.71", "-65000.00")
    appropriation = before["profit-appropriation"]
    assert [appropriation[line] for line in ("5", "11", "13")] == [("0.00",), ("224290.71",), ("212290.71",)]


def run_year_end(api: ApiClient, **parameters: str) -> dict[str, str]:
    """Save and post what the year's end proposes; return what it credits by account."""
    proposal = api.propose_step(DECEMBER, "year_end", parameters)
    run = StepRun(vouchers=proposal.vouchers, parameters=parameters, post=True, fingerprint=proposal.fingerprint)
    api.run_step(DECEMBER, "year_end", run)
    return {
        entry.account_code: entry.credit for voucher in proposal.vouchers for entry in voucher.entries if entry.credit
    }


def check_closed_accounts(book: WorkedBook, undistributed: str, reserve: str = "0.00") -> None:
    """After the year's end nothing is left but 未分配利润: no profit and loss, no 本年利润, no detail of 利润分配."""
    left = {
        code: (row["closing_debit"], row["closing_credit"])
        for code, row in book.accounts(DECEMBER).items()
        if code[0] == "5" or code[:4] in {"3101", "3103", "3104"}
    }
    kept = {code: amounts for code, amounts in left.items() if amounts != ("0.00", "0.00")}
    reserves = {} if reserve == "0.00" else {"3101": ("0.00", reserve), "310101": ("0.00", reserve)}
    assert kept == {**reserves, "3104": ("0.00", undistributed), "310415": ("0.00", undistributed)}


def check_a_forgotten_bill(book: WorkedBook, api: ApiClient) -> None:
    """December is opened again for a bill of 1,000.00; closing it once more books the difference and nothing else."""
    before = book.accounts(DECEMBER)
    book.do("reopen", DECEMBER)
    post(api, "2026-12-31", ("560204", "1000.00", ""), ("1002", "", "1000.00"))
    book.do("close", DECEMBER, "--carry-forward")
    after = book.accounts(DECEMBER)
    for code, row in after.items():  # nothing that was carried before was carried again
        if code[0] == "5" and not code.startswith("5602"):
            assert row == before[code], code
    bill = after["560204"]
    assert (bill["period_debit"], bill["period_credit"]) == ("1000.00", "1000.00")
    check_closed_accounts(book, "188861.64", "22429.07")  # the reserve is a decision: only its step changes it

    book.do("reopen", DECEMBER)
    # giving some of the reserve back is for a person to say, and no computation
    assert api.propose_step(DECEMBER, "year_end").vouchers == []
    assert run_year_end(api, legal_reserve="22329.07")["310101"] == "-100.00"
    book.do("close", DECEMBER)
    expected = {name: {**lines, **FORGOTTEN_BILL[name]} for name, lines in literal(YEAR).items()}
    assert statements(api, DECEMBER) == expected
    check_closed_accounts(book, "188961.64", "22329.07")


def check_next_january(api: ApiClient) -> None:
    """Next year's opening column is last year's closing; a bill of last year goes through this one (art. 88)."""
    post(api, "2027-01-05", ("2232", "12000.00", "", "投资者:林一"), ("1002", "", "12000.00"))
    post(api, "2027-01-06", ("1002", "10100.00", ""), ("5001", "", "10000.00"), ("222101", "", "100.00"))
    post(api, "2027-01-31", ("560204", "300.00", ""), ("2202", "", "300.00", "供应商:高山庄园"))
    found = statements(api, JANUARY)
    december = statements(api, DECEMBER, "balance-sheet")["balance-sheet"]
    begin = {line: amounts[0] for line, amounts in december.items()}
    assert found["balance-sheet"] == {line: (NEXT_CLOSING.get(line, begin[line]), begin[line]) for line in begin}
    for name, figures in (("income-statement", NEXT_INCOME), ("cash-flow", NEXT_CASH_FLOW)):
        assert found[name] == {line: (figures.get(line, "0.00"),) * 2 for line in found[name]}, name
    appropriation = found["profit-appropriation"]
    assert appropriation == {line: (NEXT_APPROPRIATION.get(line, "0.00"),) for line in appropriation}
    api.close_period(JANUARY, CloseWish(carry_forward=True))
    assert statements(api, JANUARY) == found


def post(api: ApiClient, date: str, *lines: tuple[str, ...]) -> None:
    """Enter and post a voucher of (account, debit, credit, auxiliary) over HTTP."""
    entries = [
        EntryInput(summary="补记", account_code=code, debit=debit, credit=credit, aux=aux[0] if aux else "")
        for code, debit, credit, *aux in lines
    ]
    voucher = api.add_voucher(VoucherInput(date=date, entries=entries))
    assert voucher.faults == []
    api.review_vouchers(BatchSelection(ids=[voucher.id]))
    assert api.post_vouchers(BatchSelection(ids=[voucher.id])).done == 1
