"""`close --carry-forward`: what it makes, what it says, and what is left when it refuses."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Command

HEADINGS = "date,word,number,line,summary,account_code,account_name,debit,credit,aux,quantity,cash_flow_line,kind\n"
SALE = "2026-12-05,记,1,1,销售,1002,,1000.00,,,,1,normal\n2026-12-05,记,1,2,销售,5001,,,1000.00,,,,normal\n"
CAPITAL = "2026-12-01,记,2,1,投资,1002,,5000.00,,,,15,normal\n2026-12-01,记,2,2,投资,3001,,,5000.00,,,,normal\n"


def firm(path: Path, here: Command, rows: str, *, post: bool = True) -> Path:
    """A firm's book of December with these vouchers."""
    assert here("new", path, "--chart", "small_enterprise_2013", "--start", "2026-12").code == 0
    folder = path.parent / "rows"
    folder.mkdir()
    (folder / "vouchers.csv").write_text(HEADINGS + rows, encoding="utf-8")
    assert here("import", path, folder, *(["--post"] if post else [])).code == 0
    return path


def test_a_december_is_carried_and_closed(path: Path, here: Command) -> None:
    book = firm(path, here, SALE + CAPITAL)
    done = here("close", book, "2026-12", "--carry-forward")
    assert (done.code, done.out) == (
        0,
        (
            "已生成并记账：记字第 3 号 结转损益 1000.00\n"
            "已生成并记账：记字第 4 号 结转本年利润 1000.00\n2026-12 已结账。\n"
        ),
    )
    assert done.err == (
        "注意：本年净利润 1,000.00，还没有提取法定盈余公积（应提 100.00）；提取与分配须作决议，请在期末结账里办理。\n"
    )
    assert here("reopen", book, "2026-12").code == 0
    again = here("close", book, "2026-12", "--carry-forward", "--json")
    assert (again.json["state"], again.json["made"]) == ("closed", [])
    assert here("verify", book).code == 0


def test_the_statements_are_the_same_before_and_after(path: Path, here: Command) -> None:
    book = firm(path, here, SALE + CAPITAL)
    names = ("income-statement", "balance-sheet", "cash-flow", "profit-appropriation")
    span = ("--from", "2026-12", "--to", "2026-12", "--json")
    before = {name: here("report", book, name, *span).json["rows"] for name in names}
    assert here("close", book, "2026-12", "--carry-forward").code == 0
    assert {name: here("report", book, name, *span).json["rows"] for name in names} == before


def test_what_is_not_posted_is_named_and_nothing_is_made(path: Path, here: Command) -> None:
    book = firm(path, here, SALE, post=False)
    refused = here("close", book, "2026-12", "--carry-forward")
    assert (refused.code, refused.out) == (1, "")
    assert "记-1" in refused.err
    assert here("post", book).out == "已记账 1 张，未记账 0 张。\n"
    assert here("close", book, "2026-12").code == 1
    assert here("close", book, "2026-12", "--carry-forward").code == 0
