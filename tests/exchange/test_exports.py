"""What goes out is the same book: read again by ourselves, by hledger, by Ledger, and as plain data."""

from __future__ import annotations

import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.contract.ledger import Reversal
from app.identity.actor import Actor
from app.kernel.cells import guarded, unguarded
from app.kernel.errors import Conflict, EnvironmentFault, MalformedInput, PermissionDenied
from app.ledger.service.periods import close_period
from app.ledger.service.states import reverse_voucher, void_voucher
from app.storage.database import fetch_all
from tests.exchange.conftest import MakeDesk
from tests.exchange.desk import Desk, csv_book, without_zeros
from tests.exchange.journals import HLEDGER
from tests.exchange.oracles import hledger_balances, ledger_balances
from tests.exchange.test_journal_reading import write

ACCOUNTS = """\
code,parent,name_zh,category,normal_side,is_leaf,is_cash,aux_type,quantity
1201,,应收,资产,借,Y,,客户,
1405,,库存商品,资产,借,Y,,,件
"""
OPENING = """\
account_code,account_name,aux,quantity,year_begin_debit,year_begin_credit,ytd_debit,ytd_credit,opening_debit,opening_credit,ytd_pl_actual,currency,opening_foreign
1001,,,,100.00,,5.00,2.00,103.00,,,,
100201,,,,710.00,,,,710.00,,,USD,100.00
1405,,,7,70.00,,,,70.00,,,,
3001,,,,,880.00,2.00,5.00,,883.00,,,
"""
VOUCHERS = """\
date,word,number,line,summary,account_code,account_name,debit,credit,aux,quantity,cash_flow_line,kind,currency,foreign_amount,rate,unit_price,attachments,state
2026-03-02,记,1,1,"=SUM(1;2) ""引号"", 逗号",1201,,50.00,,客户:甲公司;,,,normal,,,,,2,
2026-03-02,记,1,2,@另一行,4002,,,50.00,,,,normal,,,,,2,
2026-03-03,记,2,1,美元,100201,,71.00,,,,,normal,USD,10.00,7.1,,,
2026-03-03,记,2,2,美元,1001,,,71.00,,,3,normal,,,,,,
2026-03-04,记,3,1,调汇,100201,,-1.00,,,,,transfer,USD,,,,,
2026-03-04,记,3,2,调汇,4003,,,-1.00,,,,transfer,,,,,,
2026-03-05,记,4,1,无价,100202,,0.00,,,,,normal,HRK,150.60,,,,
2026-03-05,记,4,2,无价,100201,,,0.00,,,,normal,EUR,20.00,7.53 HRK,,,
2026-03-06,记,5,1,进货,1405,,30.00,,,3,,normal,,,,10,,
2026-03-06,记,5,2,进货,1001,,,30.00,,,,normal,,,,,,
2026-03-07,转,1,1,作废的,5001,,9.00,,,,,normal,,,,,,void
2026-03-07,转,1,2,作废的,1001,,,9.00,,,,normal,,,,,,void
"""


@pytest.fixture
def busy(make_desk: MakeDesk, tmp_path: Path) -> Desk:
    """A book with everything in it: openings, currencies, quantities, auxiliaries, void and reversed vouchers."""
    desk = make_desk(start=202603)
    files = csv_book(tmp_path / "first", VOUCHERS, accounts=ACCOUNTS, opening=OPENING)
    desk.bring(files, post=True)
    with desk.book.session():
        reverse_voucher(desk.owner, 1, Reversal(date="2026-03-20", post=True))
    draft = csv_book(
        tmp_path / "draft",
        [
            "2026-04-01,记,1,1,草稿,5001,,1.00,,,,,normal",
            "2026-04-01,记,1,2,草稿,1001,,,1.00,,,,normal",
            "2026-05-01,记,1,1,又一张,5001,,1.00,,,,,normal",
            "2026-05-01,记,1,2,又一张,1001,,,1.00,,,,normal",
        ],
    )
    desk.bring(draft)
    with desk.book.session():
        void_voucher(desk.owner, fetch_all("SELECT MAX(id) FROM {voucher}")[0][0])
    assert desk.findings() == []
    return desk


@pytest.mark.parametrize("target", ["book", "book.zip"])
def test_csv_book_out_and_in_makes_an_equal_book(target: str, busy: Desk, make_desk: MakeDesk, tmp_path: Path) -> None:
    path = busy.send(tmp_path / "out" / target)
    other = make_desk(start=202603)
    result = other.bring(path, post=True)
    assert (result.skipped, result.warnings) == ([], [])
    assert other.findings() == []
    # the draft came as posted; everything else is as it was
    assert sorted(other.states()) == sorted(state.replace("draft", "posted") for state in busy.states())
    with busy.book.session():
        close_numbers = fetch_all("SELECT period, word, last_number FROM {number_counter} ORDER BY period, word")
    with other.book.session():
        assert (
            fetch_all("SELECT period, word, last_number FROM {number_counter} ORDER BY period, word") == close_numbers
        )
    assert other.report("trial-balance") == busy.report("trial-balance", include_unposted=True)
    assert other.report("quantity") == busy.report("quantity", include_unposted=True)
    assert other.report("auxiliary-balance") == busy.report("auxiliary-balance", include_unposted=True)
    again = other.send(tmp_path / "again")
    first = path if path.is_dir() else busy.send(tmp_path / "first-again")
    for name in ("accounts", "opening", "opening_cash_flow", "currencies", "auxiliaries", "book"):
        assert (again / f"{name}.csv").read_text("utf-8") == (first / f"{name}.csv").read_text("utf-8")
    mine, theirs = ((folder / "vouchers.csv").read_text("utf-8") for folder in (first, again))
    assert theirs == mine.replace(",draft\n", ",posted\n")


def test_drafts_come_back_as_drafts_without_post(busy: Desk, make_desk: MakeDesk, tmp_path: Path) -> None:
    other = make_desk(start=202603)
    out = busy.send(tmp_path / "out")
    other.bring(out)
    assert set(other.states()) == {"draft", "void"}
    mine, theirs = ((folder / "vouchers.csv").read_text("utf-8") for folder in (out, other.send(tmp_path / "again")))
    # void vouchers are in the chain and come first; nothing else is in another place
    assert sorted(theirs.splitlines()) == sorted(mine.replace(",posted\n", ",draft\n").splitlines())


def test_a_draft_with_faults_keeps_them(desk: Desk, make_desk: MakeDesk, tmp_path: Path) -> None:
    good = csv_book(
        tmp_path / "book",
        ["2026-03-01,记,1,1,x,100201,,1.00,,,,,normal", "2026-03-01,记,1,2,x,1001,,,1.00,,,,normal"],
    )
    desk.bring(good, post=True)
    with desk.book.session():
        close_period(desk.owner, 202603)
    late = csv_book(
        tmp_path / "late",
        "date,word,number,line,summary,account_code,debit,credit,state\n"
        "2026-03-09,记,,1,迟到,5001,1.00,,incomplete\n2026-03-09,记,,2,迟到,1001,,1.00,incomplete\n",
    )
    desk.bring(late, post=True)
    assert desk.states() == ["posted", "draft"]
    other = make_desk(start=202603)
    result = other.bring(desk.send(tmp_path / "out"), post=True)
    assert result.warnings == []  # the month is open here, so nothing is wrong with it
    assert other.states() == ["posted", "draft"]
    with other.book.session():
        assert fetch_all("SELECT number FROM {voucher} ORDER BY id") == [(1,), (2,)]


def export_key(desk: Desk) -> dict[str, str]:
    """Return the code of each account by the name it has in the hledger export."""
    from app.exchange.writers.accounts import hledger_names
    from app.ledger.queries.content import all_accounts

    with desk.book.session():
        accounts = {account.id: account for account in all_accounts()}
    return {name: accounts[key].code for key, name in hledger_names(accounts).items()}


@pytest.mark.parametrize("program", ["hledger", "ledger"])
def test_the_journal_adds_up_in_the_programs_themselves(program: str, busy: Desk, tmp_path: Path) -> None:
    path = busy.send(tmp_path / "book.journal", "hledger")
    read = hledger_balances if program == "hledger" else ledger_balances
    codes = export_key(busy)
    found: dict[tuple[str, str], Decimal] = {}
    for (name, commodity), amount in without_zeros(read(path)).items():
        found[codes[name], commodity] = amount
    rows = {row["code"]: row for row in busy.report("trial-balance", include_unposted=True)[0]}
    assert found["100201", "USD"] == 110
    assert found["100201", "CNY"] == Decimal("-1.00")  # the revaluation has no foreign amount
    assert found["100202", "HRK"] == Decimal("150.60")
    assert found["100201", "EUR"] == -20
    for code in ("1001", "1405", "3001", "4003"):
        row = rows[code]
        assert found[code, "CNY"] == Decimal(row["closing_debit"]) - Decimal(row["closing_credit"]), code
    assert ("1201", "CNY") not in found  # reversed


@pytest.mark.parametrize("part", ["costs", "several commodities left out", "virtual postings", "deep names", "symbols"])
def test_an_imported_journal_goes_out_with_its_names_and_commodities(
    part: str, make_desk: MakeDesk, tmp_path: Path
) -> None:
    source = write(tmp_path, HLEDGER[part])
    desk = make_desk()
    desk.bring(source, post=True)
    path = desk.send(tmp_path / "out.journal", "hledger")
    exported = {key: amount for key, amount in hledger_balances(path).items() if key[0] != "虚拟分录对方"}
    assert without_zeros(exported) == without_zeros(hledger_balances(source))
    other = make_desk()
    other.bring(path, post=True)
    assert without_zeros(other.balances()) == without_zeros(desk.balances())


def test_beancount_balances_and_names_are_well_formed(busy: Desk, tmp_path: Path) -> None:
    text = busy.send(tmp_path / "book.beancount", "beancount").read_text("utf-8")
    opened = set(re.findall(r"^\S+ open (\S+)$", text, re.MULTILINE))
    part = r"[\dA-Z][\w-]*"
    assert all(re.fullmatch(rf"(Assets|Liabilities|Equity|Income|Expenses)(:{part})+", name) for name in opened)
    sums: dict[str, Decimal] = {}
    for name, amount, commodity, at, cost, cost_commodity in re.findall(
        r"^  ([A-Z]\S+)  (-?[\d.]+) (\S+)(?: (@@?) ([\d.]+) (\S+))?$", text, re.MULTILINE
    ):
        assert name in opened
        if at:
            total = Decimal(cost) if at == "@@" else Decimal(cost) * abs(Decimal(amount))
            key, value = cost_commodity, total if Decimal(amount) > 0 else -total
        else:
            key, value = commodity, Decimal(amount)
        sums[key] = sums.get(key, Decimal(0)) + value
    assert set(sums.values()) == {0}
    assert "; 2026-03-07" in text  # the void voucher
    assert '2026-04-01 ! "草稿"' in text


def test_json_holds_the_whole_book(busy: Desk, tmp_path: Path) -> None:
    document = json.loads(busy.send(tmp_path / "book.json", "json").read_text("utf-8"))
    assert (document["format"], document["version"]) == ("zhangfang-book", 1)
    assert document["book"] == {"name": "试账", "chart": "household", "start": "2026-03", "base_currency": "CNY"}
    assert len(document["vouchers"]) == len(busy.states())
    assert document["vouchers"][0]["entries"][0] == {
        "line": 1,
        "summary": '=SUM(1;2) "引号", 逗号',
        "account_code": "1201",
        "side": "debit",
        "debit": "50.00",
        "credit": "0.00",
        "aux": "客户:甲公司",
        "currency": "CNY",
        "foreign_amount": "",
        "rate": "",
        "quantity": "",
        "unit_price": "",
        "cash_flow_line": None,
        "unvalued": False,
    }
    assert {"kind": "客户", "name": "甲公司", "code": ""} in document["auxiliaries"]
    assert len(document["opening"]) == 4


NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def test_the_workbook_has_every_table_and_no_formula(busy: Desk, tmp_path: Path) -> None:
    path = busy.send(tmp_path / "book.xlsx", "xlsx")
    with zipfile.ZipFile(path) as archive:
        names = [
            sheet.get("name") for sheet in ET.fromstring(archive.read("xl/workbook.xml")).iterfind(".//m:sheet", NS)
        ]
        sheets = [ET.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml")) for number in range(1, 5)]
    assert names == ["科目", "期初余额", "凭证", "科目余额表"]
    assert all(sheet.find(".//m:f", NS) is None for sheet in sheets)
    texts = {"".join(cell.itertext()) for cell in sheets[2].iterfind(".//m:c[@t='inlineStr']", NS)}
    assert '\'=SUM(1;2) "引号", 逗号' in texts
    assert "'@另一行" in texts
    numbers = {Decimal(cell.text or "") for cell in sheets[3].iterfind(".//m:c/m:v", NS)}
    assert 103 in numbers
    rows = [len(sheet.findall(".//m:row", NS)) for sheet in sheets]
    assert rows[2] == 1 + 2 * len(busy.states())


@pytest.mark.parametrize("text", ["", "x", "=1", "-1", "+1", "@x", "'", "'x", "'=1", "''=1", "''", "\t=", "a=1"])
def test_guarded_texts_come_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_nothing_is_overwritten_and_a_failure_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    desk.send(target)
    assert (target / "vouchers.csv").exists()
    with pytest.raises(Conflict):
        desk.send(target)
    file = desk.send(tmp_path / "book.json", "json")
    with pytest.raises(Conflict):
        desk.send(file, "json")
    with pytest.raises(MalformedInput, match="csv-book、beancount、hledger、xlsx、json"):
        desk.send(tmp_path / "x", "pdf")
    with pytest.raises(EnvironmentFault):
        desk.send(file / "below a file", "json")
    with pytest.raises(PermissionDenied):
        Desk(desk.book, Actor(desk.owner.user_id, "访客")).send(tmp_path / "y")
    reader = Desk(desk.book, Actor(desk.owner.user_id, "读者", frozenset({"exchange:book:export"})))
    with pytest.raises(PermissionDenied):
        reader.send(tmp_path / "z.xlsx", "xlsx")  # the trial balance is a right of its own
    assert sorted(path.name for path in tmp_path.iterdir() if "book-" not in path.name and path.name != "data-dir") == [
        "book.json",
        "out",
    ]
