"""Journals add up to what hledger and Ledger make of them; what is not understood is refused with its line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from app.exchange.errors import FileRefused
from app.exchange.journal.balancing import BookedTransaction
from app.exchange.journal.importing import read_journal
from app.exchange.journal.model import Dialect
from tests.exchange.desk import Balances, without_zeros
from tests.exchange.journals import HLEDGER, LEDGER
from tests.exchange.oracles import hledger_balances, ledger_balances

OWN_RESULTS: dict[str, Balances] = {
    "costs": {
        ("assets:shares", "AAPL"): Decimal(5),
        ("assets:cash", "$"): Decimal("-11.33"),
        ("assets:usd", "USD"): Decimal(110),
        ("assets:usd2", "USD"): Decimal(20),
        ("assets:eur", "EUR"): Decimal("-93.33"),
    },
    "assertions and assignments": {
        ("assets:a", "EUR"): Decimal(-1),
        ("assets:a:sub", "EUR"): Decimal(1),
        ("assets:b", "EUR"): Decimal(0),
    },
    "several commodities left out": {
        ("assets:a", "X"): Decimal(1),
        ("assets:b", "Y"): Decimal(2),
        ("equity:start", "X"): Decimal(-1),
        ("equity:start", "Y"): Decimal(-2),
    },
}


def write(folder: Path, text: str, name: str = "a.journal") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def summed(transactions: Sequence[BookedTransaction]) -> Balances:
    found: Balances = {}
    for transaction in transactions:
        for row in transaction.postings:
            key = row.account, row.commodity
            found[key] = found.get(key, Decimal(0)) + row.quantity
    return found


def read(path: Path, dialect: Dialect = "hledger") -> Balances:
    return without_zeros(summed(read_journal(path, dialect)[1]))


def refusal(path: Path, dialect: Dialect = "hledger") -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read_journal(path, dialect)
    return caught.value


@pytest.mark.parametrize("part", HLEDGER)
def test_hledger_agrees(part: str, tmp_path: Path) -> None:
    path = write(tmp_path, HLEDGER[part])
    assert read(path) == without_zeros(hledger_balances(path))


@pytest.mark.parametrize("part", LEDGER)
def test_ledger_agrees(part: str, tmp_path: Path) -> None:
    path = write(tmp_path, LEDGER[part])
    assert read(path, "ledger") == without_zeros(ledger_balances(path))


@pytest.mark.parametrize("part", OWN_RESULTS)
def test_sums_are_those_worked_out_by_hand(part: str, tmp_path: Path) -> None:
    assert read(write(tmp_path, HLEDGER[part])) == without_zeros(OWN_RESULTS[part])


@pytest.mark.parametrize(
    ("dialect", "text", "line", "word"),
    [
        ("hledger", "2020-01-01 x\n  a  1\n  b  2\n", 1, "差 3"),
        ("hledger", "2020-01-01 x\n  a  1\n  b\n  c\n", 4, "省略一个金额"),
        ("hledger", "2020-01-01 x\n  a  1\n  (b)\n  c\n", 3, "虚拟分录"),
        ("hledger", "2020-01-01 x\n  a  1 = 2\n  b\n", 2, "应为 2，实为 1"),
        (
            "hledger",
            "2020-01-01 x\n  a  1 A == 1 A\n  b\n2020-01-02 y\n  a  1 B == 1 B\n  b\n",
            5,
            "应为 0 A，实为 1 A",
        ),
        ("hledger", "2020-01-01 x\n  a  1 =* 2\n  b\n", 2, "断言"),
        ("hledger", "\nfrobnicate\n", 2, "不支持指令“frobnicate”"),
        ("hledger", "apply tag x\n", 1, "apply tag"),
        ("hledger", "apply fixed X $1\n", 1, "apply fixed"),
        ("hledger", "N $\n", 1, "N"),
        ("hledger", "bucket a\n", 1, "bucket"),
        ("hledger", "% only Ledger has this comment\n", 1, "%"),
        ("hledger", "  a  1\n", 1, "缩进"),
        ("hledger", "2020-13-01 x\n", 1, "没有“2020-13-01”这一天"),
        ("hledger", "2020-01/01 x\n", 1, "不是日期"),
        ("hledger", "2020-01-01x\n", 1, "不是日期"),
        ("hledger", "01-02 x\n  a  1\n  b\n", 1, "没有年份"),
        ("hledger", "2020-01-01 x\n  a  1,2.3,4\n  b\n", 2, "1,2.3,4"),
        ("hledger", "2020-01-01 x\n  a  $\n  b\n", 2, "不是金额"),
        ("hledger", "2020-01-01 x\n  a  1 USD and more\n  b\n", 2, "看不懂“and more”"),
        ("hledger", "2020-01-01 x\n  a  (1+2) USD\n  b\n", 2, "算式"),
        ("hledger", "2020-01-01 x\n  a  1 USD @\n  b\n", 2, "不是金额"),
        ("hledger", "2020-01-01 x\n  a  1 USD {5 EUR\n  b\n", 2, "没有写完"),
        ("hledger", "2020-01-01 x\n  a::b  1\n  c\n", 2, "冒号"),
        ("hledger", "2020-01-01 x\n  (a  1\n  c\n", 2, "括号"),
        ("hledger", "2020-01-01 x\n  a ; no\n  c  1\n", 2, "分号"),
        ("hledger", "account a  ; type:Q\n", 1, "类型“Q”"),
        ("hledger", "alias a\n", 1, "别名"),
        ("hledger", "alias /(/ = b\n", 1, "正则"),
        ("hledger", "decimal-mark x\n", 1, "小数点"),
        ("hledger", "Y abc\n", 1, "不是年份"),
        ("hledger", "commodity 1\n  colour red\n", 2, "colour"),
        ("hledger", "P 2020-01-01 EUR\n", 1, "不是金额"),
        ("hledger", "end apply account\n", 1, "apply"),
        ("hledger", "include missing.journal\n", 1, "missing.journal"),
        ("hledger", "include /etc/passwd\n", 1, "相对路径"),
        ("hledger", "include ../outside.journal\n", 1, "文件夹"),
        ("hledger", "include timedot:a\n", 1, "相对路径"),
        ("ledger", "= expr 'amount > 1'\n  a  1\n  b  -1\n", 1, "正则表达式"),
        ("ledger", "= /(/\n  a  1\n", 1, "正则"),
        ("ledger", "= /x/\n  a\n  b  1\n", 2, "倍数"),
        ("ledger", "define x=1\n", 1, "define"),
        ("ledger", "C 1.00 Kb = 1024 b\n", 1, "C"),
        ("ledger", "2020/01/01 x\n  assert 1 == 2\n", 2, "assert"),
        ("ledger", "2020/01/01 x\n  a  1,00,000\n  b\n", 2, "千分位"),
        ("ledger", "account a\n  check 1\n", 2, "check"),
        ("ledger", "2020/01/01 x\n  a  $5 = $6\n  b\n", 2, "断言"),
        ("ledger", "2020/01/01 x\n  a  $5\n  b  -5 EUR\n2020/01/02 y\n  a  1 X = 0\n  b\n", 5, "断言"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(
    dialect: Dialect, text: str, line: int, word: str, tmp_path: Path
) -> None:
    error = refusal(write(tmp_path, text), dialect)
    assert error.details["line"] == line
    assert error.details["file"] == "a.journal"
    assert word in str(error)


def test_includes_bring_files_of_the_folder_and_name_them_in_errors(tmp_path: Path) -> None:
    write(tmp_path, "2020-01-01 x\n  a  1\n  b\n", "years/2020.journal")
    write(tmp_path, "alias a = z\nY2021\n1/1 y\n  a  2\n  b\n", "years/2021.journal")
    path = write(tmp_path, "include years/20*.journal\n2022-01-01 z\n  a  4\n  b\n")
    # aliases of an included file end with it
    assert read(path) == {("a", ""): 5, ("z", ""): 2, ("b", ""): -7}
    write(tmp_path, "2020-01-01 x\n  a  1\n", "years/2020.journal")
    error = refusal(path)
    assert (error.details["file"], error.details["line"]) == ("years/2020.journal", 1)


def test_an_include_that_goes_round_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "include a.journal\n", "b.journal")
    error = refusal(write(tmp_path, "include b.journal\n"))
    assert (error.details["file"], error.details["line"]) == ("b.journal", 1)
    assert "循环" in str(error)


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows, links take a right people do not have")
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "2020-01-01 x\n  a  1\n  b\n", "outside.journal")
    path = write(tmp_path, "include link.journal\n", "inside/a.journal")
    (tmp_path / "inside" / "link.journal").symlink_to(tmp_path / "outside.journal")
    assert "文件夹" in str(refusal(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    path.write_bytes("2020-01-01 买菜\r\n  支出:食品  1 元\r\n  资产:现金\r\n".encode(encoding))
    assert read(path) == {("支出:食品", "元"): 1, ("资产:现金", "元"): -1}


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    path.write_bytes(b"2020-01-01 x\n  a  1\n  b\xff\xff\n")
    error = refusal(path)
    assert (error.code, error.details["line"]) == ("encoding_unknown", 3)


def test_what_has_no_place_in_a_book_is_counted_or_listed(tmp_path: Path) -> None:
    rules, _ = read_journal(write(tmp_path, HLEDGER["rules that are not transactions"]), "hledger")
    assert [place.line for place, _ in rules.skipped] == [1, 4]
    assert rules.notices == {"price": 2}
    dates, _ = read_journal(write(tmp_path, HLEDGER["dates"]), "hledger")
    assert dates.notices == {"second_date": 2, "own_date": 2}
    tags, _ = read_journal(write(tmp_path, LEDGER["directives"]), "ledger")
    assert [place.line for place, _ in tags.skipped] == [25]
    assert tags.notices == {"tag": 1}
