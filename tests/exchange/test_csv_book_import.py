"""csv-book, as it is promised to other programs; a file that is broken or half wrong changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.exchange.errors import FileRefused
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput, PermissionDenied, UserError
from app.ledger.queries.content import all_accounts
from app.ledger.service.periods import close_period
from app.storage.database import fetch_all
from app.storage.progress import WorkCancelled
from tests.exchange.conftest import MakeDesk
from tests.exchange.desk import Desk, csv_book

FOOD = "2026-03-01,记,1,1,买菜,5001,食品饮食,86.50,,,,,normal"
CASH = "2026-03-01,记,1,2,买菜,1001,现金,,86.50,,,,normal"
GOOD = (FOOD, CASH)


def second(line: str, number: int = 2) -> str:
    """The same line in another voucher."""
    return line.replace(",记,1,", f",记,{number},", 1)


def vouchers(desk: Desk) -> list[tuple[object, ...]]:
    with desk.book.session():
        return fetch_all("SELECT date, word, number, state, kind, attachment_count FROM {voucher} ORDER BY id")


def test_vouchers_come_as_drafts_and_with_post_as_posted(desk: Desk, tmp_path: Path) -> None:
    folder = csv_book(tmp_path / "book", GOOD)
    result = desk.bring(folder)
    assert (result.vouchers, result.posted, result.skipped, result.warnings) == (1, 0, [], [])
    assert vouchers(desk) == [("2026-03-01", "记", 1, "draft", "normal", 0)]
    csv_book(folder, [line.replace("2026-03", "2026-04") for line in GOOD])
    assert desk.bring(folder, post=True).posted == 1
    assert desk.findings() == []


REFUSED = {
    "no number": ([FOOD.replace("86.50", "8x.50"), CASH], 2, "8x.50"),
    "too many decimals": ([FOOD.replace("86.50", "86.505"), CASH], 2, "小数多于"),
    "a side too much": ([FOOD.replace("86.50,,", "86.50,86.50,"), CASH], 2, "请只留一方"),
    "no side": ([FOOD.replace("86.50", ""), CASH.replace("86.50", "")], 2, "都没有金额"),
    "unbalanced": ([*GOOD, second(FOOD), second(CASH).replace("86.50", "86.49")], 4, "差额 0.01"),
    "one line only": ([FOOD.replace("86.50", "0")], 2, ""),
    "unknown account": ([FOOD, CASH.replace("1001", "9999")], 3, "没有科目“9999”"),
    "an account with children": ([FOOD, CASH.replace("1001", "1002")], 2, "有下级"),
    "no summary": ([FOOD.replace("买菜", ""), CASH], 2, "摘要"),
    "long summary": ([FOOD.replace("买菜", "菜" * 201), CASH], 2, "摘要长于"),
    "no date": ([FOOD.replace("2026-03-01", "2026-02-30"), CASH], 2, "2026-02-30"),
    "before the book": ([line.replace("2026-03", "2026-02") for line in GOOD], 2, "2026-02"),
    "two dates": ([FOOD, CASH.replace("-01,", "-02,", 1)], 3, "要相同"),
    "unknown kind": ([FOOD.replace("normal", "odd"), CASH.replace("normal", "odd")], 2, "odd"),
    "no whole number": ([line.replace("记,1,", "记,1.5,") for line in GOOD], 2, "1.5"),
    "number zero": ([line.replace("记,1,", "记,0,") for line in GOOD], 2, "从 1 起"),
    "line twice": ([FOOD, CASH.replace("记,1,2", "记,1,1")], 2, "重复的行号"),
    "a gap": ([*GOOD, second(FOOD, 3), second(CASH, 3)], 0, "缺第 2 号"),
    "number twice": ([*GOOD, second(FOOD), second(CASH), *GOOD], 6, "重复"),
    "more cells than columns": ([f"{FOOD},,x", CASH], 2, "13 列"),
    "an open quote": ([FOOD, CASH.replace("买菜", '"买菜')], 3, "引号"),
    "a bad aux": ([FOOD, CASH.replace("86.50,,", "86.50,甲公司,")], 2, "甲公司"),
    "aux not offered": ([FOOD, CASH.replace("86.50,,", "86.50,客户:甲公司,")], 2, "没有这种辅助核算"),
    "cash-flow line": ([FOOD.replace(",normal", "").removesuffix(",") + ",100,normal", CASH], 2, "100"),
}


@pytest.mark.parametrize("post", [False, True])
@pytest.mark.parametrize("fault", REFUSED)
def test_a_wrong_file_changes_nothing_and_says_where(fault: str, post: bool, desk: Desk, tmp_path: Path) -> None:
    lines, line, word = REFUSED[fault]
    before = desk.everything()
    with pytest.raises(UserError) as caught:
        desk.bring(csv_book(tmp_path / "book", lines), post=post)
    assert word in str(caught.value)
    if line:
        assert f"vouchers.csv 第 {line} 行" in str(caught.value) or f"vouchers.csv:{line}" in str(caught.value)
    assert desk.everything() == before


def test_a_missing_column_and_a_double_one_are_named(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "book"
    csv_book(folder, vouchers="date,account_code,debit,credit\n2026-03-01,1001,1,\n")
    with pytest.raises(FileRefused, match="缺少列“summary”"):
        desk.bring(folder)
    csv_book(folder, vouchers="date,date,account_code,debit,credit,summary\n")
    with pytest.raises(FileRefused, match="列“date”出现了两次"):
        desk.bring(folder)


def test_optional_columns_may_be_missing_and_unknown_ones_are_told(desk: Desk, tmp_path: Path) -> None:
    text = "credit,debit,account_code,summary,date,mood\n,5,1001,x,2026/3/1,good\n5,,5001,x,20260301,\n"
    folder = csv_book(tmp_path / "book", vouchers=text)
    with pytest.raises(FileRefused, match="借贷不平"):
        desk.bring(folder)  # two ways to write the date are two vouchers
    result = desk.bring(csv_book(folder, vouchers=text.replace("20260301", "2026/3/1")))
    assert result.warnings == ["vouchers.csv：不认识的列 mood 没有导入。"]
    assert vouchers(desk) == [("2026-03-01", "记", 1, "draft", "normal", 0)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings_and_line_ends(encoding: str, desk: Desk, tmp_path: Path) -> None:
    folder = csv_book(tmp_path / "book", GOOD)
    file = folder / "vouchers.csv"
    file.write_bytes(file.read_text(encoding="utf-8").replace("\n", "\r\n").encode(encoding))
    assert desk.bring(folder).vouchers == 1
    assert desk.report("journal", include_unposted=True)[0][0]["summary"] == "买菜"


def test_bytes_in_no_known_encoding_are_refused_with_their_line(desk: Desk, tmp_path: Path) -> None:
    folder = csv_book(tmp_path / "book", GOOD)
    file = folder / "vouchers.csv"
    file.write_bytes(file.read_bytes() + b"2026-03-01,\xff\xff\n")
    with pytest.raises(FileRefused, match=r"vouchers.csv 第 4 行：.*UTF-8"):
        desk.bring(folder)


def test_amounts_are_read_as_people_write_them(desk: Desk, tmp_path: Path) -> None:
    folder = csv_book(
        tmp_path / "book",
        [
            '2026-03-01,记,1,1,红字,5001,,"-1,234.50",,,,,normal',
            "2026-03-01,记,1,2,红字,1001,,0.00,－１２３４．５,,,,normal",
            "2026-03-01,记,2,1,红字,5001,,−1.00,,,,,normal",
            "2026-03-01,记,2,2,红字,1001,,,-1,,,,normal",
        ],
    )
    desk.bring(folder, post=True)
    row = next(row for row in desk.report("trial-balance")[0] if row["code"] == "5001")
    assert row["period_debit"] == "-1235.50"


def test_numbers_are_kept_or_given_anew(desk: Desk, tmp_path: Path) -> None:
    folder = csv_book(tmp_path / "book", [second(FOOD), second(CASH), *GOOD])
    desk.bring(folder)
    assert [row[2] for row in vouchers(desk)] == [2, 1]
    before = desk.everything()
    with pytest.raises(UserError, match="--renumber"):
        desk.bring(folder)
    assert desk.everything() == before
    desk.bring(folder, renumber=True)
    assert [row[2] for row in vouchers(desk)] == [2, 1, 3, 4]
    gap = csv_book(tmp_path / "gap", [second(FOOD, 9), second(CASH, 9)])
    desk.bring(gap, renumber=True)
    assert vouchers(desk)[-1][2] == 5
    unnumbered = csv_book(tmp_path / "plain", [line.replace("记,1,", "转,,") for line in (*GOOD, *GOOD)])
    desk.bring(unnumbered)
    assert [row[1:3] for row in vouchers(desk)[-2:]] == [("转", 1), ("转", 2)]


def test_in_a_file_that_marks_cash_a_blank_flag_is_no(make_desk: MakeDesk, tmp_path: Path) -> None:
    """As in the file of a whole chart: cash has Y, all others nothing; so restricted money is no cash."""
    desk = make_desk("small_enterprise_2013", 202601)
    accounts = (
        "code,parent,name_zh,category,normal_side,is_leaf,is_cash,aux_type,quantity\n"
        "1012,,其他货币资金,资产,借,N,Y,,\n"
        "101201,1012,银行汇票,资产,借,Y,Y,,\n"
        "101204,1012,信用证保证金,资产,借,Y,,,\n"
    )
    desk.bring(csv_book(tmp_path / "book", accounts=accounts))
    with desk.book.session():
        known = {account.code: bool(account.is_cash) for account in all_accounts()}
    assert [known[code] for code in ("1012", "101201", "101204", "1001")] == [True, True, False, True]


def test_a_carry_forward_is_known_without_its_kind(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk("small_enterprise_2013", 202601)
    rows = [
        *("2026-01-05,记,1,1,收入,1002,,9.00,,,,1,", "2026-01-05,记,1,2,收入,5001,,,9.00,,,,"),
        *("2026-01-31,记,2,1,结转,5001,,9.00,,,,,", "2026-01-31,记,2,2,结转,3103,,,9.00,,,,"),
        *("2026-01-31,记,3,1,收入,5001,,,1.00,,,,", "2026-01-31,记,3,2,收入,3103,,1.00,,,,,"),
        *("2026-01-31,记,4,1,误,3103,,2.00,,,,,normal", "2026-01-31,记,4,2,误,5001,,,2.00,,,,normal"),
    ]
    desk.bring(csv_book(tmp_path / "book", rows), post=True)
    assert [row[4] for row in vouchers(desk)] == ["normal", "close_pl", "close_pl", "normal"]  # what is said counts
    assert desk.report("income-statement")[0][0]["ytd"] == "11.00"


def test_lines_are_put_in_the_order_of_their_numbers(desk: Desk, tmp_path: Path) -> None:
    desk.bring(csv_book(tmp_path / "book", [CASH, FOOD]))
    rows = desk.report("journal", include_unposted=True)[0]
    assert [(row["line"], row["account_code"]) for row in rows] == [(1, "5001"), (2, "1001")]


def test_accounts_replace_the_charts_rows_while_unused(desk: Desk, tmp_path: Path) -> None:
    accounts = (
        "code,parent,name_zh,category,normal_side,is_leaf,is_cash,aux_type,quantity\n"
        "1002,,银行,资产,借,Y,Y,,\n"  # its children of the chart go
        "100101,1001,钱包,资产,借,Y,Y,,\n"  # 1001 becomes a parent
        "1201,,应收,资产,借,Y,,客户;项目,Y\n"
        "120201,1202,差旅,,,Y,,,公斤\n"
    )
    lines = [
        "2026-03-01,记,1,1,借出,1201,应收,10,,客户:甲公司;项目:一期,2,,normal",
        "2026-03-01,记,1,2,借出,1002,银行,,10,,,1,normal",
    ]
    result = desk.bring(csv_book(tmp_path / "book", lines, accounts=accounts), post=True)
    assert result.skipped == []
    with desk.book.session():
        known = {account.code: account for account in all_accounts()}
    assert known["1002"].name_zh == "银行"
    assert known["1002"].is_leaf
    assert "100201" not in known
    assert not known["1001"].is_leaf
    assert known["1201"].uses == (("客户", True), ("项目", True))
    assert known["1201"].has_quantity
    assert (known["120201"].category, known["120201"].unit, known["120201"].level) == ("资产", "公斤", 2)
    assert desk.findings() == []
    again = desk.bring(csv_book(tmp_path / "again", accounts=accounts.replace("应收", "往来款")))
    assert [(row.where, row.reason) for row in again.skipped] == [
        ("accounts.csv:4", "科目 1201 已有发生额或余额，保留原样。")
    ]


def test_a_blank_cash_flag_says_nothing(desk: Desk, tmp_path: Path) -> None:
    """An account below cash is cash as its parent is; only N says that it is not (restricted money)."""
    accounts = (
        "code,parent,name_zh,category,normal_side,is_leaf,is_cash,aux_type,quantity\n"
        "100203,1002,工行,资产,借,Y,,,\n"
        "100204,1002,保证金,资产,借,Y,N,,\n"
        "1001,,现金,资产,借,Y,,,\n"
        "1209,,其他,资产,借,Y,,,\n"
    )
    desk.bring(csv_book(tmp_path / "book", accounts=accounts))
    with desk.book.session():
        known = {account.code: bool(account.is_cash) for account in all_accounts()}
    assert {code: known[code] for code in ("100203", "100204", "1001", "1209")} == {
        "100203": True,
        "100204": False,
        "1001": True,
        "1209": False,
    }


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("1201,,应收,负债,贷,Y,,,", "不能改它的上级"),
        ("1001,,现金,资产,借,N,Y,,\n100101,1001,钱包,资产,借,Y,Y,,", "已有发生额"),
        ("1009,,坏,想象,借,Y,,,", "想象"),
        ("1009,,坏,资产,左,Y,,,", "左"),
        ("1009,,坏,资产,借,也许,,,", "也许"),
        ("1009,1008,坏,资产,借,Y,,,", "1008"),
        ("1009,,坏,资产,借,Y,,,\n1009,,坏,资产,借,Y,,,", "两次"),
        ("1009,,坏,资产,借,Y,,,\n100901,1009,坏,资产,借,Y,,,", "末级"),
        ("1008,1009,坏,资产,借,,,,\n1009,1008,坏,资产,借,,,,", "圈"),
        ("1009,,,资产,借,Y,,,", "name_zh"),
        (f"1009,,{'长' * 121},资产,借,Y,,,", "长于 120"),
    ],
)
def test_accounts_that_cannot_be_are_refused(row: str, word: str, desk: Desk, tmp_path: Path) -> None:
    lines = [
        "2026-03-01,记,1,1,x,1201,,10,,往来:张三,,,normal",
        "2026-03-01,记,1,2,x,1001,,,10,,,,normal",
    ]
    head = "code,parent,name_zh,category,normal_side,is_leaf,is_cash,aux_type,quantity\n"
    aux = csv_book(tmp_path / "book", lines, accounts=f"{head}1201,,借出款,资产,借,Y,,往来,\n")
    desk.bring(aux, post=True)
    before = desk.everything()
    with pytest.raises(UserError) as caught:
        desk.bring(csv_book(tmp_path / "wrong", accounts=f"{head}{row}\n"))
    assert word in str(caught.value)
    assert desk.everything() == before


OPENING_HEAD = (
    "account_code,account_name,aux,quantity,year_begin_debit,year_begin_credit,ytd_debit,ytd_credit,"
    "opening_debit,opening_credit,ytd_pl_actual"
)


def test_openings_in_the_middle_of_a_year(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk("small_enterprise_2013", 202606)
    opening = (
        f"{OPENING_HEAD},currency,opening_foreign\n"
        "1001,库存现金,,,100.00,,50.00,30.00,120.00,,\n"
        "100202,,,,0,,20.00,,20.00,,,,\n"
        "3001,实收资本,,,,100.00,,,,100.00,\n"
        "5001,主营业务收入,,,,,40.00,80.00,,40.00,80.00\n"
    )
    folder = csv_book(
        tmp_path / "book",
        accounts="code,parent,name_zh\n100202,1002,美元户\n",
        opening=opening,
        opening_cash_flow="cash_flow_line,ytd_amount\n1,80.00\n3,30.00\n",
    )
    desk.bring(folder)
    rows = {row["code"]: row for row in desk.report("trial-balance", from_period="2026-06", to_period="2026-06")[0]}
    assert (rows["1001"]["opening_debit"], rows["1001"]["ytd_debit"]) == ("120.00", "50.00")
    assert rows["5001"]["opening_credit"] == "40.00"
    assert desk.findings() == []
    assert desk.bring(folder).warnings == ["账里原有的期初余额已由文件里的代替。"]


def test_the_whole_cash_flow_form_may_be_listed_if_its_totals_agree(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk("small_enterprise_2013", 202606)
    form = (
        "cash_flow_line,ytd_amount\n1,80.00\n3,30.00\n7,50.00\n12,5.00\n13,-5.00\n19,\n20,45.00\n21,10.00\n22,55.00\n"
    )
    desk.bring(csv_book(tmp_path / "book", opening_cash_flow=form))
    assert [row["ytd"] for row in desk.report("cash-flow", to_period="2026-06")[0] if row["line"] in (7, 13, 20)] == [
        *("50.00", "-5.00", "45.00")
    ]
    with pytest.raises(FileRefused, match=r"第 7 行是合计，写的是 51\.00，各项算出来是 50\.00"):
        desk.bring(csv_book(tmp_path / "wrong", opening_cash_flow=form.replace("7,50.00", "7,51.00")))


@pytest.mark.parametrize(
    ("rows", "line", "word"),
    [
        ("1001,,,,1.00,,,,,,\n3001,,,,,2.00,,,,,\n", 0, "不平"),
        ("1001,,,,1.00,,,,9.00,,\n", 2, "期初余额应等于"),
        ("1001,,,,1.00,,,,,,\n\n9999,,,,,1.00,,,,,\n", 4, "9999"),
        ("1001,,,,x,,,,,,\n", 2, "“x”"),
        (f"1001,,,,{'1' * 50},,,,,,\n", 2, "长于 40"),
    ],
)
def test_openings_that_cannot_be_are_refused(rows: str, line: int, word: str, desk: Desk, tmp_path: Path) -> None:
    before = desk.everything()
    with pytest.raises(FileRefused) as caught:
        desk.bring(csv_book(tmp_path / "book", GOOD, opening=f"{OPENING_HEAD}\n{rows}"))
    assert word in str(caught.value)
    assert caught.value.details == {"file": "opening.csv", "line": line}
    assert desk.everything() == before


def test_openings_are_frozen_by_the_first_close(desk: Desk, tmp_path: Path) -> None:
    with desk.book.session():
        close_period(desk.owner, 202603)
    with pytest.raises(FileRefused, match="结账"):
        desk.bring(csv_book(tmp_path / "book", opening=f"{OPENING_HEAD}\n1001,,,,1,,,,,,\n3001,,,,,1,,,,,\n"))


def test_foreign_lines_quantities_and_the_side_of_a_line_without_base_value(desk: Desk, tmp_path: Path) -> None:
    head = (
        "date,word,number,line,summary,account_code,account_name,debit,credit,aux,quantity,cash_flow_line,kind,"
        "currency,foreign_amount,rate,unit_price,attachments,state\n"
    )
    text = (
        "2026-03-01,记,1,1,x,100201,,710.00,,,,,normal,USD,100.00,7.1,,3,\n"
        "2026-03-01,记,1,2,x,100202,,,710.00,,,,normal,,,,,3,\n"
        "2026-03-02,记,2,1,x,100201,,0.00,,,,,normal,HRK,150.60,,,,\n"
        "2026-03-02,记,2,2,x,100202,,,0.00,,,,normal,EUR,20.00,7.53 HRK,,,\n"
        "2026-03-02,记,3,1,废,100201,,1,,,,,normal,,,,,,void\n"
        "2026-03-02,记,3,2,废,100202,,,1,,,,normal,,,,,,void\n"
        "2026-03-02,记,4,1,缺,100201,,1,,,,,normal,,,,,,incomplete\n"
        "2026-03-02,记,4,2,缺,100202,,,2,,,,normal,,,,,,incomplete\n"
    )
    result = desk.bring(csv_book(tmp_path / "book", vouchers=head + text), post=True)
    assert (result.vouchers, result.posted) == (4, 2)
    assert result.warnings == ["vouchers.csv:8：借贷不平，请补足差额。（留作草稿）"]
    assert vouchers(desk) == [
        ("2026-03-01", "记", 1, "posted", "normal", 3),
        ("2026-03-02", "记", 2, "posted", "normal", 0),
        ("2026-03-02", "记", 3, "void", "normal", 0),
        ("2026-03-02", "记", 4, "draft", "normal", 0),
    ]
    with desk.book.session():
        rows = fetch_all("SELECT side, debit, credit, foreign_amount, rate, unvalued FROM {entry} WHERE voucher_id = 2")
    assert rows == [(1, 0, 0, 15060, "", 1), (-1, 0, 0, 2000, "7.53 HRK", 1)]
    assert desk.findings() == []
    for wrong, word in (
        ("2026-04-01,记,1,1,x,100201,,1,,,,,normal,CNY,100.00,7.1,,,\n", "本位币"),
        ("2026-04-01,记,1,1,x,100201,,1,,,,,normal,USD,100.00,-1,,,\n", "汇率"),
        ("2026-04-01,记,1,1,x,100201,,1,,,,,normal,USD,1.005,7.1,,,\n", "foreign_amount"),
        ("2026-04-01,记,1,1,x,100201,,1,,,x,,normal,,,,,,\n", "quantity"),
        ("2026-04-01,记,1,1,x,100201,,1,,,,,normal,,,,,,gone\n", "gone"),
        ("2026-04-01,记,1,1,x,100201,,1,,,,,normal,,,,,10000,\n", "9999"),
    ):
        with pytest.raises(FileRefused, match=word):
            desk.bring(csv_book(tmp_path / "wrong", vouchers=head + wrong))


def test_a_book_in_another_currency_is_refused(desk: Desk, tmp_path: Path) -> None:
    book = "name,chart,start,base_currency\nx,household,2026-03,USD\n"
    with pytest.raises(FileRefused, match="本位币是 USD"):
        desk.bring(csv_book(tmp_path / "book", GOOD, book=book))
    result = desk.bring(csv_book(tmp_path / "book", GOOD, book=book.replace("USD", "CNY").replace("03", "05")))
    assert "2026-05" in result.warnings[0]


def test_one_file_alone_and_unknown_files_beside(desk: Desk, tmp_path: Path) -> None:
    folder = csv_book(tmp_path / "book", GOOD, expected_trial_balance="whatever")
    desk.bring(folder / "vouchers.csv")
    assert len(vouchers(desk)) == 1
    renamed = (folder / "vouchers.csv").rename(folder / "2026年凭证.txt")
    desk.bring(renamed, renumber=True)
    assert len(vouchers(desk)) == 2


def test_several_paths_are_one_transaction(desk: Desk, tmp_path: Path) -> None:
    good = csv_book(tmp_path / "good", GOOD)
    bad = csv_book(tmp_path / "bad", [FOOD.replace("2026-03", "2026-04")])
    before = desk.everything()
    with pytest.raises(FileRefused):
        desk.bring(good, bad)
    assert desk.everything() == before


def test_formats_rights_and_options(desk: Desk, tmp_path: Path) -> None:
    folder = csv_book(tmp_path / "book", GOOD)
    with pytest.raises(MalformedInput, match="csv-book、hledger、ledger"):
        desk.bring(folder, format_name="qif")
    with pytest.raises(MalformedInput, match="--account"):
        desk.bring(folder, account_code="1001")
    with pytest.raises(FileRefused, match="打不开"):
        desk.bring(tmp_path / "nothing")
    unknown = tmp_path / "picture.png"
    unknown.write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    with pytest.raises(FileRefused, match="csv-book、hledger、ledger"):
        desk.bring(unknown)
    with pytest.raises(FileRefused, match="不认识"):
        desk.bring(tmp_path / "book" / "..")
    clerk = Desk(desk.book, Actor(desk.owner.user_id, "记账员", frozenset({"exchange:file:import"})))
    with pytest.raises(PermissionDenied):
        clerk.bring(folder)
    with pytest.raises(PermissionDenied):
        Desk(desk.book, Actor(desk.owner.user_id, "访客")).bring(folder)


def test_an_import_can_be_cancelled(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk(start=202603)
    lines = [second(line, number) for number in range(1, 5002) for line in GOOD]
    before = desk.everything()
    with pytest.raises(WorkCancelled):
        desk.bring(csv_book(tmp_path / "book", lines), cancelled=lambda: True)
    assert desk.everything() == before
