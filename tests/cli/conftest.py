"""A book made through the command line, and commands run within the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import main
from tests.cli.running import Outcome

Command = Callable[..., Outcome]

ACCOUNTS = "code,parent,name_zh,category,normal_side,is_leaf,is_cash,aux_type,quantity\n1201,,借出款,资产,借,Y,,往来,\n"
OPENING = (
    "account_code,account_name,aux,quantity,year_begin_debit,year_begin_credit,ytd_debit,ytd_credit,"
    "opening_debit,opening_credit,ytd_pl_actual\n"
    "1001,现金,,,800.00,,,,800.00,,\n"
    "3001,期初净资产,,,,800.00,,,,800.00,\n"
)
VOUCHERS = (
    "date,word,number,line,summary,account_code,account_name,debit,credit,aux,quantity,cash_flow_line,kind\n"
    "2026-03-01,记,1,1,买菜,5001,食品饮食,86.50,,,,,normal\n"
    "2026-03-01,记,1,2,买菜,1001,现金,,86.50,,,,normal\n"
    "2026-03-22,记,2,1,借给李四,1201,借出款,500.00,,往来:李四,,,normal\n"
    "2026-03-22,记,2,2,借给李四,1001,现金,,500.00,,,,normal\n"
)


@pytest.fixture
def here(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command within the test; faster than a process, and the same but for the streams."""
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "ZHANGFANG_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)

    def run_here(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run_here


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the book lies."""
    return tmp_path / "家账.zhangfang"


@pytest.fixture
def household(path: Path, here: Command) -> Path:
    """An empty household book that starts in 2026-03."""
    assert here("new", path, "--chart", "household", "--start", "2026-03", "--name", "我家").code == 0
    return path


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A csv-book of two vouchers."""
    folder = tmp_path / "csv"
    folder.mkdir()
    for name, text in (("accounts.csv", ACCOUNTS), ("opening.csv", OPENING), ("vouchers.csv", VOUCHERS)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def filled(household: Path, files: Path, here: Command) -> Path:
    """The household with its two vouchers posted."""
    assert here("import", household, files, "--post").code == 0
    return household
