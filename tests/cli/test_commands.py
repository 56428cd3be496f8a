"""What each command does to a book."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from app.cli import arguments as grammar
from app.cli import program
from app.contract.book import ChartName
from app.contract.statements import DefinitionAdd
from app.exchange.sniffing import EXPORT_FORMATS
from app.identity.queries.actors import owner_actor
from app.identity.service.opening import ensure_owner
from app.reports.catalogue import REPORTS
from app.reports.statements.changing import add_definition
from app.storage.database import open_database
from tests.cli.conftest import Command
from tests.ledger.build import draft, line, posted


def test_the_grammar_names_what_the_program_has() -> None:
    assert tuple(REPORTS) == grammar.REPORT_NAMES
    assert set(ChartName.__args__) == set(grammar.CHARTS)  # type: ignore[attr-defined]
    assert set(EXPORT_FORMATS) == set(grammar.EXPORT_FORMATS)


@pytest.mark.parametrize("name", program.COMMANDS)
def test_every_command_explains_itself(here: Command, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    chinese = here(name, "--help")
    assert chinese.code == 0
    assert chinese.out.startswith("用法：")
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    english = here(name, "--help")
    assert english.out.startswith("usage: ")
    assert english.out.isascii() or "客户:甲公司" in english.out


def test_a_statement_of_the_books_own_is_a_report(filled: Path, here: Command) -> None:
    rows = [{"line": 1, "name_zh": "手上的钱", "formula": "DR(1001;1002)"}]
    book = open_database(str(filled))
    with book.session():
        owner = owner_actor()
        assert owner is not None
        typed = DefinitionAdd.model_validate(
            {"name": "for-us", "title_zh": "我们的表", "layout": "single", "rows": rows}
        )
        add_definition(owner, DefinitionAdd.model_validate(typed))
    book.close()
    report = here("report", filled, "for-us", "--csv")
    assert report.code == 0
    assert report.out.splitlines()[0] == "line,name_zh,amount"
    assert report.out.splitlines()[1].startswith("1,手上的钱,")
    assert "手上的钱" in here("report", filled, "for-us").out


NOT_OF_HOUSEHOLDS = ("balance-sheet", "income-statement", "cash-flow", "profit-appropriation")


@pytest.mark.parametrize("name", NOT_OF_HOUSEHOLDS)
def test_a_statement_of_another_standard_is_refused_in_one_sentence(filled: Path, here: Command, name: str) -> None:
    report = here("report", filled, name, "--json")
    assert (report.code, report.out) == (1, "")
    assert report.err == f"这本账的会计制度没有报表“{name}”，有的是：net-worth、income-expense。\n"


def test_a_statement_of_account_needs_a_contact(filled: Path, here: Command) -> None:
    report = here("report", filled, "statement-of-account", "--json")
    assert (report.code, report.out) == (1, "")
    assert report.err == "对账单要指明往来单位，例如 客户:甲公司。\n"


def test_a_stock_card_needs_an_item(filled: Path, here: Command) -> None:
    report = here("report", filled, "stock-card", "--json")
    assert (report.code, report.out) == (1, "")
    assert "--item" in report.err or "商品" in report.err


NEEDS_MORE = ("statement-of-account", "stock-card")


@pytest.mark.parametrize("name", sorted({*grammar.REPORT_NAMES} - {*NOT_OF_HOUSEHOLDS, *NEEDS_MORE}))
def test_every_report_prints_one_document(filled: Path, here: Command, name: str) -> None:
    report = here("report", filled, name, "--json", *(["--account", "1002"] if name == "multi-column" else []))
    assert (report.code, report.err) == (0, "")
    assert set(report.json) == {"rows", "totals"} | ({"columns"} if name == "multi-column" else set())


def test_books_are_written_into_files(filled: Path, here: Command, tmp_path: Path) -> None:
    pdf, sheet = tmp_path / "账.pdf", tmp_path / "表.xlsx"
    written = here("report", filled, "subsidiary-ledger", "--account", "1002", "--same-page", "--pdf", pdf)
    assert (written.code, written.err) == (0, "")
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert here("report", filled, "trial-balance", "--columns", "10", "--xlsx", sheet).code == 0
    with ZipFile(sheet) as archive:
        assert "年初借方" in archive.read("xl/worksheets/sheet1.xml").decode()
    summed = here(
        "report", filled, "voucher-summary", "--from", "2026-03", "--to", "2026-03", "--numbers", "1", "--json"
    )
    assert summed.json["totals"]["vouchers"] == "1"


@pytest.mark.parametrize(
    "arguments",
    [
        ["bogus"],
        ["report"],
        ["report", "{book}"],
        ["report", "{book}", "bogus"],
        ["report", "{book}", "trial-balance", "--from", "2026-99"],
        ["new", "{book}", "--chart", "household", "--start", "2026-99"],
        ["report", "{book}", "journal", "--json", "--csv"],
        ["report", "{book}", "voucher-summary", "--numbers", "many"],
        ["report", "{book}", "auxiliary-ledger", "--order", "sideways"],
        ["new", "{book}"],
        ["new", "{book}", "--chart", "bogus", "--start", "2026-01"],
        ["export", "{book}", "x", "--as", "bogus"],
        ["close", "{book}"],
        ["user", "{book}", "bogus"],
        ["user", "{book}", "add"],
        ["token", "{book}", "revoke"],
        ["serve", "{book}", "--port", "x"],
        ["import", "{book}"],
        ["report", "mysql://u:secret@127.0.0.1:1/db", "journal"],
    ],
)
def test_wrong_usage_is_exit_2_with_a_sentence(tmp_path: Path, here: Command, arguments: list[str]) -> None:
    outcome = here(*(argument.format(book=tmp_path / "x.zhangfang") for argument in arguments))
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.strip()
    assert "Traceback" not in outcome.err
    assert "secret" not in outcome.err
    assert not (tmp_path / "x.zhangfang").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "{book}", "trial-balance", "--to", "2025-01"],
        ["report", "{book}", "trial-balance", "--account", "9999"],
        ["report", "{book}", "multi-column"],
        ["report", "{book}.missing", "trial-balance"],
        ["report", "{folder}", "trial-balance"],
        ["import", "{book}", "{book}.missing"],
        ["import", "{book}", "{book}"],
        ["new", "{book}", "--chart", "household", "--start", "2026-03"],
        ["close", "{book}", "2026-04"],
        ["close", "{book}", "2026-04", "--carry-forward"],
        ["services", "{book}.missing"],
        ["serve", "{book}", "--services", "bakery"],
        ["serve", "{book}", "--trusted-proxy", "bakery"],
        ["serve", "{book}", "--allow-host", "http://bakery"],
        ["backup", "{book}", "{book}"],
        ["restore", "{book}.missing", "{book}"],
        ["copy", "{book}", "{book}"],
        ["token", "{book}", "revoke", "77"],
        ["user", "{book}", "add", "张三", "--role", "没有的角色"],
    ],
)
def test_a_refusal_is_exit_1_with_a_sentence(filled: Path, here: Command, arguments: list[str]) -> None:
    before = filled.read_bytes()
    outcome = here(*(argument.format(book=filled, folder=filled.parent) for argument in arguments))
    assert outcome.code == 1
    assert outcome.out == ""
    assert outcome.err.strip()
    assert "Traceback" not in outcome.err
    assert "程序出错" not in outcome.err
    assert filled.read_bytes() == before


def test_a_new_book_says_what_it_is(path: Path, here: Command) -> None:
    made = here(
        "new", path, "--chart", "small_enterprise_2013", "--start", "2026-06", "--vat", "small", "--base", "USD"
    )
    assert made.code == 0
    assert made.out == f"已建立账簿“家账”（{path}），从 2026-06 开始。\n"
    again = here("new", path, "--chart", "household", "--start", "2026-06")
    assert (again.code, again.out) == (1, "")


def test_a_book_that_cannot_be_made_leaves_nothing(path: Path, here: Command) -> None:
    assert here("new", path, "--chart", "household", "--start", "2026-06", "--base", "ZZ?").code == 1
    assert list(path.parent.glob("*.zhangfang*")) == []


def test_import_without_post_leaves_drafts_and_post_posts_them(household: Path, files: Path, here: Command) -> None:
    imported = here("import", household, files)
    assert imported.out == "已导入 2 张凭证，其中记账 0 张。\n"
    totals = here("report", household, "trial-balance", "--json").json["totals"]
    assert totals["period_debit"] == "0.00"
    with_drafts = here("report", household, "trial-balance", "--include-unposted", "--json").json["totals"]
    assert with_drafts["period_debit"] == "586.50"
    posted = here("post", household, "--period", "2026-03", "--json")
    assert posted.json == {"posted": 2, "refused": []}


def test_an_empty_or_foreign_file_stays_what_it_is(path: Path, here: Command) -> None:
    for content in (b"", b"no book"):
        path.write_bytes(content)
        refused = here("report", path, "trial-balance")
        assert (refused.code, refused.out) == (1, "")
        assert path.read_bytes() == content


def test_a_trial_run_writes_nothing(household: Path, files: Path, here: Command) -> None:
    tried = here("import", household, files, "--post", "--dry-run", "--json")
    assert tried.json["vouchers"] == 2
    assert here("report", household, "journal", "--json").json["rows"] == []


def test_post_says_what_is_not_ready_and_why(household: Path, here: Command) -> None:
    book = open_database(str(household))
    with book.session():
        owner = ensure_owner()
        draft(owner, "2026-03-01", line("5001", "1"), line("1001", credit="1"))
        draft(owner, "2026-03-02", line("5001", "86.50"), line("1001", credit="86.00"))
    book.close()
    outcome = here("post", household)
    assert (outcome.code, outcome.out) == (1, "已记账 1 张，未记账 1 张。\n")
    assert outcome.err.startswith("2026-03 记字第 2 号：")
    assert "借贷不平" in outcome.err
    assert here("post", household, "--json").json["refused"][0]["where"] == "2026-03 记字第 2 号"


def test_reports_in_every_form(filled: Path, here: Command, tmp_path: Path) -> None:
    table = here("report", filled, "trial-balance")
    assert table.out.splitlines()[0].split()[:2] == ["科目编码", "科目名称"]
    assert table.out.splitlines()[-1].startswith("合计")
    text = here("report", filled, "trial-balance", "--csv").out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (rows[0]["code"], rows[0]["closing_debit"], rows[0]["opening_credit"]) == ("1001", "213.50", "0.00")
    for option, start in (("--xlsx", b"PK"), ("--pdf", b"%PDF")):
        target = tmp_path / f"report{option}"
        written = here("report", filled, "subsidiary-ledger", option, target)
        assert written.out == f"已写入“{target}”。\n"
        assert target.read_bytes().startswith(start)


def test_one_account_and_one_auxiliary(filled: Path, here: Command) -> None:
    rows = here("report", filled, "subsidiary-ledger", "--aux", "往来:李四", "--json").json["rows"]
    assert [row["balance"] for row in rows] == ["0.00", "500.00", "500.00", "500.00"]
    rows = here("report", filled, "general-ledger", "--account", "1001", "--json").json["rows"]
    assert {row["account_code"] for row in rows} == {"1001"}


def test_closing_and_reopening(household: Path, here: Command, files: Path) -> None:
    assert here("close", household, "2026-03").out == "2026-03 已结账。\n"
    refused = here("import", household, files, "--post")
    assert refused.code == 1
    assert here("reopen", household, "2026-03").code == 0
    assert here("import", household, files, "--post").code == 0


def test_backup_restore_and_copy_keep_everything(filled: Path, here: Command, tmp_path: Path) -> None:
    before = here("report", filled, "journal", "--json").json
    backup = tmp_path / "save.zhangfang"
    assert here("backup", filled, backup).code == 0
    assert here("backup", filled, backup).code == 1
    assert here("restore", backup, filled).out.startswith("原来的账簿留存为")
    assert here("report", filled, "journal", "--json").json == before
    copied = tmp_path / "copy.zhangfang"
    assert here("copy", filled, copied).code == 0
    assert here("report", copied, "journal", "--json").json == before
    assert here("verify", copied).code == 0


def test_verify_tells_warnings_without_refusing_the_book(household: Path, here: Command, tmp_path: Path) -> None:
    assert here("verify", household, "--json").json["warnings"] == []
    book = open_database(str(household))
    with book.session():
        posted(ensure_owner("我"), "2026-03-05", line("5001", "12"), line("1001", credit="12"))
    book.close()
    outcome = here("verify", household, "--json")
    assert (outcome.code, outcome.json["findings"]) == (0, [])
    assert [(one["check"], one["where"]) for one in outcome.json["warnings"]] == [("cash_below_zero", "1001 现金")]
    told = here("verify", household)
    assert told.code == 0
    assert told.err.startswith("提醒")
    backup = tmp_path / "save.zhangfang"
    assert here("backup", household, backup).code == 0
    assert here("restore", backup, household).code == 0


def test_exported_and_imported_again_it_is_the_same_book(filled: Path, here: Command, tmp_path: Path) -> None:
    folder = tmp_path / "exported"
    assert here("export", filled, folder, "--as", "csv-book").code == 0
    assert here("export", filled, folder, "--as", "csv-book").code == 1
    again = tmp_path / "again.zhangfang"
    assert here("new", again, "--chart", "household", "--start", "2026-03").code == 0
    assert here("import", again, folder, "--post").code == 0
    for name in ("trial-balance", "general-ledger", "subsidiary-ledger", "auxiliary-balance"):
        assert here("report", again, name, "--csv").out == here("report", filled, name, "--csv").out


def test_people_and_tokens(filled: Path, here: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert here("user", filled, "add", "张三", "--age", "30").out == "已新增用户“张三”，编号 2。\n"
    listed = here("user", filled, "list", "--json").json["users"]
    assert [(one["name"], one["age"]) for one in listed] == [("账簿所有者", None), ("张三", 30)]
    assert "张三" in here("user", filled, "list").out
    made = here("token", filled, "create", "--name", "开票", "--json").json
    assert here("token", filled, "create").err.startswith("这是令牌 2")
    assert [one["name"] for one in here("token", filled, "list", "--json").json["tokens"]] == ["", "开票"]
    assert here("token", filled, "revoke", made["id"]).out == "令牌 1 已作废。\n"
    assert "已作废" in here("token", filled, "list").out
    unknown = here("token", filled, "create", "--user", "李四")
    assert (unknown.code, unknown.err) == (1, "没有用户“李四”。\n")


def test_with_logins_everybody_logs_in(filled: Path, here: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHANGFANG_NEW_PASSWORD", "boss-secret-1")
    assert here("user", filled, "passwd", "账簿所有者", "--login", "boss").code == 0
    monkeypatch.setenv("ZHANGFANG_NEW_PASSWORD", "clerk-secret-1")
    assert here("user", filled, "add", "张三", "--login", "zhang", "--role", "查看").code == 0
    monkeypatch.delenv("ZHANGFANG_NEW_PASSWORD")

    nobody = here("report", filled, "trial-balance", "--json")
    assert (nobody.code, nobody.out) == (1, "")
    assert "ZHANGFANG_USER" in nobody.err
    monkeypatch.setenv("ZHANGFANG_USER", "zhang")
    monkeypatch.setenv("ZHANGFANG_PASSWORD", "wrong")
    assert here("report", filled, "trial-balance").code == 1
    monkeypatch.setenv("ZHANGFANG_PASSWORD", "clerk-secret-1")
    assert here("report", filled, "trial-balance", "--json").code == 0
    refused = here("close", filled, "2026-03")
    assert refused.code == 1
    assert "“结账”" in refused.err
    monkeypatch.setenv("ZHANGFANG_USER", "boss")
    monkeypatch.setenv("ZHANGFANG_PASSWORD", "boss-secret-1")
    assert here("token", filled, "create", "--user", "zhang", "--json").code == 0


def test_a_bug_of_ours_is_a_sentence_and_a_traceback_in_the_log(
    filled: Path, here: Command, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setitem(program.COMMANDS, "verify", "app.cli.books:no_such_function")
    outcome = here("verify", filled)
    assert (outcome.code, outcome.out) == (1, "")
    log = data_dir / "logs" / "zhangfang.log"
    assert outcome.err == f"程序出错，没有完成；细节在 {log}。\n"
    assert "AttributeError" in log.read_text(encoding="utf-8")


def test_an_interrupt_is_a_sentence(filled: Path, here: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.cli.books.verify", interrupted)
    outcome = here("verify", filled)
    assert (outcome.code, outcome.err) == (program.INTERRUPTED, "已中断，没有完成。\n")


def test_json_stays_alone_when_a_terminal_would_show_progress(
    filled: Path, here: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    outcome = here("verify", filled, "--json")
    assert json.loads(outcome.out)["findings"] == []
