"""The book doctor names each thing that does not fit, with a remedy and the page that shows it, and nothing else."""

from __future__ import annotations

import pytest

from app.contract.assets import AssetInput
from app.contract.doctor import Diagnosis, DoctorFinding, DoctorQuery
from app.contract.ledger import (
    AccountChange,
    AccountInput,
    AuxiliaryInput,
    AuxiliaryUse,
    Opening,
    OpeningRow,
    VoucherInput,
)
from app.contract.statements import DefinitionInput
from app.identity.actor import Actor
from app.identity.service.opening import ensure_owner
from app.kernel.errors import EnvironmentFault, PermissionDenied
from app.ledger.queries.accounts import account_id_of
from app.ledger.service import states, vouchers
from app.ledger.service.accounts import change_account, create_account
from app.ledger.service.assets.cards import create_asset
from app.ledger.service.book import set_up_ledger
from app.ledger.service.opening import replace_opening
from app.ledger.service.periods import close_period, reopen_period
from app.ledger.service.sets import create_auxiliary
from app.reports.doctor import examination
from app.reports.doctor.examination import diagnose
from app.reports.doctor.proof import prove_book
from app.reports.statements.changing import change_definition, get_definition
from app.storage.book_settings import set_setting
from app.storage.database import Book, execute
from tests.ledger.build import draft, line, posted


def ask(actor: Actor, period: str = "", *, documents: bool = False) -> Diagnosis:
    return diagnose(actor, DoctorQuery(period=period, documents=documents))


def named(actor: Actor, period: str = "", *, documents: bool = False) -> list[tuple[str, str, str]]:
    """Return check, severity and place of every finding."""
    return [(f.check, f.severity, f.where) for f in ask(actor, period, documents=documents).findings]


def only(actor: Actor, check: str, period: str = "") -> DoctorFinding:
    """Return the one finding of a check."""
    found = [finding for finding in ask(actor, period).findings if finding.check == check]
    assert len(found) == 1, found
    assert found[0].remedy
    return found[0]


def paid_in(actor: Actor, date: str = "2026-01-02", amount: str = "10000") -> None:
    posted(actor, date, line("1002", amount, cash_flow_line=15), line("3001", credit=amount))


def sold(actor: Actor, date: str, amount: str = "80") -> None:
    posted(actor, date, line("1122", amount, aux="客户:甲公司"), line("5001", credit=amount))


def carry(actor: Actor, date: str, amount: str = "80") -> None:
    closing = VoucherInput(
        date=date, kind="close_pl", entries=[line("5001", amount, summary="结转"), line("3103", credit=amount)]
    )
    states.review_and_post(actor, vouchers.save_voucher(actor, closing).id)


@pytest.fixture
def trading(firm: Actor) -> Actor:
    """A firm with capital in the bank, a customer and one sale, carried forward, January closed."""
    create_auxiliary(firm, AuxiliaryInput(kind="客户", name="甲公司"))
    paid_in(firm)
    sold(firm, "2026-01-05")
    carry(firm, "2026-01-31")
    close_period(firm, 202601)
    return firm


def test_a_sound_book_lists_nothing(trading: Actor) -> None:
    assert ask(trading).findings == []
    assert ask(trading, "2026-01").findings == []
    proven = prove_book()
    assert (proven.findings, proven.warnings) == ([], [])


def test_an_empty_book_lists_nothing(firm: Actor) -> None:
    assert ask(firm).findings == []


def test_a_household_book_lists_nothing_until_something_is_wrong(book: Book) -> None:
    with book.session():
        owner = ensure_owner("小李")
        set_up_ledger(name="家", chart="household", start_period=202601)
        replace_opening(
            owner,
            Opening(
                rows=[
                    OpeningRow(account_code="1001", year_begin_debit="100"),
                    OpeningRow(account_code="3001", year_begin_credit="100"),
                ]
            ),
        )
        food = "5001" + ("01" if _has_account("500101") else "")
        posted(owner, "2026-01-05", line(food, "60"), line("1001", credit="60"))
        assert ask(owner).findings == []
        posted(owner, "2026-02-05", line(food, "60"), line("1001", credit="60"))
        assert named(owner) == [("cash_below_zero", "warning", "1001 现金")]


def _has_account(code: str) -> bool:
    from app.kernel.errors import NotFound

    try:
        account_id_of(code)
    except NotFound:
        return False
    return True


def test_who_may_not_look_is_refused(firm: Actor) -> None:
    with pytest.raises(PermissionDenied):
        ask(Actor(firm.user_id, "某人", frozenset(), is_owner=False))


def test_cash_below_zero_within_a_month_is_named_with_its_first_and_worst_day(trading: Actor) -> None:
    posted(trading, "2026-02-03", line("560205", "50"), line("1001", credit="50", cash_flow_line=6))
    posted(trading, "2026-02-10", line("560205", "20"), line("1001", credit="20", cash_flow_line=6))
    posted(trading, "2026-02-20", line("1001", "100"), line("1002", credit="100"))
    found = only(trading, "cash_below_zero", "2026-02")
    assert (found.severity, found.where) == ("warning", "1001 库存现金")
    assert "2026-02-03" in found.message
    assert "-70.00" in found.message
    assert "2026-02-10" in found.message
    assert (found.place.kind, found.place.account_code) == ("entries", "1001")
    assert (found.place.from_period, found.place.to_period) == ("2026-02", "2026-02")
    assert ask(trading, "2026-01").findings == []
    posted(trading, "2026-03-05", line("1001", "5"), line("1002", credit="5"))
    assert "cash_below_zero" not in {check for check, _, _ in named(trading, "2026-03")}


def test_cash_that_stays_below_zero_is_named_in_the_month_looked_at(trading: Actor) -> None:
    posted(trading, "2026-02-03", line("560205", "50"), line("1001", credit="50", cash_flow_line=6))
    posted(trading, "2026-03-03", line("560205", "1"), line("1002", credit="1", cash_flow_line=6))
    assert "-50.00" in only(trading, "cash_below_zero", "2026-03").message


def test_a_deposit_on_the_same_day_covers_a_payment(trading: Actor) -> None:
    posted(trading, "2026-02-03", line("560205", "50"), line("1001", credit="50", cash_flow_line=6))
    posted(trading, "2026-02-03", line("1001", "50"), line("1002", credit="50"))
    assert named(trading, "2026-02") == []


def test_a_bank_overdraft_is_no_broken_guarantee(trading: Actor) -> None:
    posted(trading, "2026-02-03", line("560205", "20000"), line("1002", credit="20000", cash_flow_line=6))
    proven = prove_book()
    assert proven.findings == []
    assert [(warning.check, warning.where) for warning in proven.warnings] == [("cash_below_zero", "1002 银行存款")]


def test_an_incomplete_draft_is_named_with_its_reasons(trading: Actor) -> None:
    saved = draft(trading, "2026-02-03", line("1122", "10"), line("5001", credit="9"))
    found = only(trading, "faulty_draft")
    assert found.severity == "warning"
    assert found.where == "2026-02 记-1"
    assert "客户" in found.message
    assert "借贷不平" in found.message
    assert (found.place.kind, found.place.voucher_id) == ("voucher", saved.id)
    assert [warning.check for warning in prove_book().warnings] == ["faulty_draft"]


def test_cash_without_a_cash_flow_line_is_named_but_not_what_goes_from_cash_to_cash(trading: Actor) -> None:
    posted(trading, "2026-02-01", line("1001", "100"), line("1002", credit="100"))
    assert named(trading, "2026-02") == []
    paid = posted(trading, "2026-02-03", line("1131", "95"), line("1002", credit="95"))
    assert named(trading, "2026-02") == []  # the program fills in the line; books of older programs lack it
    execute("UPDATE {entry} SET cash_flow_line = NULL WHERE voucher_id = ?", (paid.id,))
    found = only(trading, "cash_flow_missing", "2026-02")
    assert (found.severity, found.where, found.place.voucher_id) == ("warning", "2026-02 记-2", paid.id)
    assert "-95.00" in found.message


def test_vouchers_without_documents_are_listed_only_when_asked_for(trading: Actor) -> None:
    original = posted(trading, "2026-02-03", line("1122", "1", aux="客户:甲公司"), line("5001", credit="1"))
    with_paper = VoucherInput(
        date="2026-02-04",
        attachment_count=1,
        entries=[line("1122", "1", aux="客户:甲公司"), line("5001", credit="1")],
    )
    states.review_and_post(trading, vouchers.save_voucher(trading, with_paper).id)
    assert named(trading, "2026-02") == []
    assert named(trading, "2026-02", documents=True) == [("documents_missing", "warning", "2026-02 记-1")]
    assert ask(trading, "2026-02", documents=True).findings[0].place.voucher_id == original.id
    january = [where for _, _, where in named(trading, "2026-01", documents=True)]
    assert january == ["2026-01 记-1", "2026-01 记-2"]  # the third is the closing's


def test_a_balance_without_the_auxiliary_its_account_demands_breaks_the_sub_ledger(trading: Actor) -> None:
    posted(trading, "2026-02-03", line("2231", credit="30"), line("1002", "30", cash_flow_line=2))
    account = account_id_of("2231")
    change_account(trading, account, AccountChange(auxiliaries=[AuxiliaryUse(kind="供应商", demanded=True)]))
    found = only(trading, "sub_ledger")
    assert (found.severity, found.where) == ("error", "2231 应付利息")
    assert "供应商" in found.message
    assert "-30.00" in found.message
    assert (found.place.kind, found.place.account_code) == ("entries", "2231")
    assert [finding.check for finding in prove_book().findings] == ["sub_ledger"]
    create_auxiliary(trading, AuxiliaryInput(kind="供应商", name="乙公司"))
    change_account(trading, account, AccountChange(auxiliaries=[AuxiliaryUse(kind="供应商", demanded=False)]))
    posted(trading, "2026-02-04", line("2231", "30"), line("2231", credit="30", aux="供应商:乙公司"))
    change_account(trading, account, AccountChange(auxiliaries=[AuxiliaryUse(kind="供应商", demanded=True)]))
    assert prove_book().findings == []


def test_stock_whose_quantity_and_value_disagree_is_named(trading: Actor) -> None:
    posted(trading, "2026-02-01", line("1405", "100", quantity="10"), line("3001", credit="100"))
    assert named(trading, "2026-02") == []
    posted(trading, "2026-02-02", line("400101", "60"), line("1405", credit="60", quantity="10"))
    found = only(trading, "value_without_quantity")
    assert found.severity == "warning"
    assert found.where.startswith("1405 库存商品")
    assert "40.00" in found.message
    posted(trading, "2026-02-03", line("400101", "60"), line("1405", credit="60", quantity="2"))
    found = only(trading, "negative_stock")
    assert "-2" in found.message
    assert "-20.00" in found.message
    posted(trading, "2026-02-04", line("1405", "20", quantity="5"), line("3001", credit="20"))
    assert "3" in only(trading, "quantity_without_value").message


def test_stock_kept_in_money_only_is_no_fault(trading: Actor) -> None:
    posted(trading, "2026-02-01", line("1405", "100"), line("3001", credit="100"))
    assert named(trading, "2026-02") == []


def test_a_balance_on_the_side_it_does_not_belong_on_is_a_hint(trading: Actor) -> None:
    posted(trading, "2026-02-01", line("1602", "40"), line("3001", credit="40"))
    found = only(trading, "wrong_side")
    assert (found.severity, found.where) == ("hint", "1602 累计折旧")
    assert "40.00" in found.message
    proven = prove_book()
    assert (proven.findings, proven.warnings) == ([], [])


def test_what_must_be_nil_is_a_hint_before_closing_and_a_warning_after(trading: Actor) -> None:
    posted(trading, "2026-02-01", line("410105", "40"), line("3001", credit="40"))
    found = only(trading, "not_nil", "2026-02")
    assert (found.severity, found.where) == ("hint", "410105 " + _name("410105"))
    close_period(trading, 202602)
    assert only(trading, "not_nil", "2026-02").severity == "warning"
    assert only(trading, "not_nil").severity == "warning"


def test_what_must_be_nil_at_the_years_end_may_stand_before(trading: Actor) -> None:
    posted(trading, "2026-02-01", line("190101", "40"), line("3001", credit="40"))
    assert "not_nil" not in {check for check, _, _ in named(trading, "2026-02")}
    wheres = [where for check, _, where in named(trading, "2026-12") if check == "not_nil"]
    assert wheres == ["190101 " + _name("190101"), "3103 本年利润"]


def _name(code: str) -> str:
    from app.contract.ledger import AccountQuery
    from app.ledger.queries.accounts import list_accounts

    return next(account.name_zh for account in list_accounts(AccountQuery(q=code)).accounts if account.code == code)


def test_who_reviewed_his_own_vouchers_is_hinted_at_once_the_book_demands_another(trading: Actor) -> None:
    set_setting("review_by_other", "on")
    assert [hint for hint in named(trading) if hint[0] == "self_reviewed"] == [("self_reviewed", "hint", "2026-01")]


# --- what only somebody outside the program can do -------------------------------------------------------------------


def test_a_gap_before_a_posted_voucher_is_an_error_and_one_before_drafts_a_warning(trading: Actor) -> None:
    execute("UPDATE {voucher} SET number = 5 WHERE period = 202601 AND number = 3")
    found = only(trading, "number_gap")
    assert (found.severity, found.where) == ("error", "2026-01 记")
    assert "3" in found.message
    assert "4" in found.message
    assert found.place.kind == "voucher"
    saved = draft(trading, "2026-02-03", line("1122", "10", aux="客户:甲公司"), line("5001", credit="10"))
    execute("UPDATE {voucher} SET number = 2 WHERE id = ?", (saved.id,))
    gaps = [gap for gap in named(trading) if gap[0] == "number_gap"]
    assert gaps == [("number_gap", "error", "2026-01 记"), ("number_gap", "warning", "2026-02 记")]


def test_an_unposted_voucher_in_a_closed_month_is_an_error(trading: Actor) -> None:
    saved = draft(trading, "2026-02-03", line("1122", "10", aux="客户:甲公司"), line("5001", credit="10"))
    execute("UPDATE {period} SET state = 'closed' WHERE period = 202602")
    found = only(trading, "unposted_in_closed_month")
    assert (found.severity, found.where, found.place.voucher_id) == ("error", "2026-02 记-1", saved.id)
    assert "period" in {finding.check for finding in prove_book().findings}


def test_profit_left_in_a_closed_month_is_an_error(trading: Actor) -> None:
    reopen_period(trading, 202601)
    sold(trading, "2026-01-20", "7")
    assert "profit_not_carried" not in {check for check, _, _ in named(trading)}
    execute("UPDATE {period} SET state = 'closed' WHERE period = 202601")
    found = only(trading, "profit_not_carried")
    assert (found.severity, found.where) == ("error", "5001 主营业务收入")
    assert "-7.00" in found.message
    assert [finding.check for finding in prove_book().findings] == ["profit_not_carried"]


def test_a_voucher_without_its_reviewer_is_an_error(trading: Actor) -> None:
    saved = draft(trading, "2026-02-03", line("1122", "10", aux="客户:甲公司"), line("5001", credit="10"))
    states.review_voucher(trading, saved.id)
    execute("UPDATE {voucher} SET reviewer_id = NULL WHERE id = ?", (saved.id,))
    found = only(trading, "missing_reviewer")
    assert (found.severity, found.where, found.place.voucher_id) == ("error", "2026-02 记-1", saved.id)


def test_balances_out_of_use_are_warned_of(trading: Actor) -> None:
    execute("UPDATE {account} SET active = 0 WHERE code = '3001'")
    execute("UPDATE {auxiliary} SET active = 0 WHERE name = '甲公司'")
    wheres = [
        where for check, severity, where in named(trading) if (check, severity) == ("inactive_with_balance", "warning")
    ]
    assert wheres == ["3001 实收资本", "1122 应收账款 客户:甲公司"]


def test_an_altered_balance_or_opening_is_an_error(trading: Actor) -> None:
    execute("UPDATE {balance} SET debit = debit + 1 WHERE account_id = ? AND period = 202601", (account_id_of("1002"),))
    assert only(trading, "trial_balance").severity == "error"
    assert "balance" in {finding.check for finding in prove_book().findings}
    rows = [
        OpeningRow(account_code="1001", year_begin_debit="5"),
        OpeningRow(account_code="3001", year_begin_credit="5"),
    ]
    reopen_period(trading, 202601)
    replace_opening(trading, Opening(rows=rows))
    execute("UPDATE {opening} SET year_begin_debit = 600 WHERE year_begin_debit = 500")
    assert only(trading, "opening_unbalanced").place.page == "opening"


def test_a_balance_of_a_parents_own_is_an_error(trading: Actor) -> None:
    execute("UPDATE {account} SET is_leaf = 0 WHERE code = '3001'")
    assert only(trading, "parent_balance").where == "3001 实收资本"


def test_many_findings_of_one_check_are_counted_and_not_all_listed(
    trading: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "MOST_OF_A_CHECK", 2)
    for day in range(1, 6):
        draft(trading, f"2026-02-0{day}", line("1122", "10"), line("5001", credit="9"))
    diagnosis = ask(trading)
    assert len([finding for finding in diagnosis.findings if finding.check == "faulty_draft"]) == 2
    assert diagnosis.left_out == {"faulty_draft": 3}


# --- what two books of the same ledger say of each other --------------------------------------------------------------


def test_an_account_no_statement_shows_is_the_accountants_to_mend(trading: Actor) -> None:
    create_account(trading, AccountInput(code="1990", name_zh="其他垫款", category="资产", normal_side="debit"))
    posted(trading, "2026-02-03", line("1990", "40"), line("1002", credit="40"))
    found = [f for f in ask(trading, "2026-02").findings if f.check == "statement"]
    assert found
    assert {finding.severity for finding in found} == {"warning"}
    assert any("1990" in finding.message for finding in found)
    assert found[0].place.kind == "statement"
    assert found[0].place.statement == "balance-sheet"
    proven = prove_book()
    assert proven.findings == []
    assert "statement" in {warning.check for warning in proven.warnings}


def test_a_formula_that_was_changed_is_the_accountants_to_mend(trading: Actor) -> None:
    definition = get_definition(trading, "balance-sheet")
    rows = [row.model_copy(update={"formula": "DR(1001)"}) if row.line == 1 else row for row in definition.rows]
    change_definition(
        trading,
        "balance-sheet",
        DefinitionInput(
            title_zh=definition.title_zh,
            layout=definition.layout,
            rows=rows,
            checks=definition.checks,
            version=definition.version,
        ),
    )
    found = [f for f in ask(trading).findings if f.check == "statement"]
    assert {finding.severity for finding in found} == {"warning"}
    assert any(finding.place.line for finding in found)
    assert prove_book().findings == []


def test_a_statement_that_does_not_follow_from_the_balances_is_an_error(trading: Actor) -> None:
    execute("UPDATE {balance} SET debit = debit + 1 WHERE account_id = ? AND period = 202601", (account_id_of("1002"),))
    found = [f for f in ask(trading, "2026-01").findings if f.check == "statement"]
    assert "error" in {finding.severity for finding in found}
    assert ("balance-sheet", "2026-01") in {(f.place.statement, f.place.from_period) for f in found}


def test_details_larger_than_their_total_are_a_hint(trading: Actor) -> None:
    posted(trading, "2026-02-03", line("560107", "50"), line("1002", credit="50"))
    posted(trading, "2026-02-04", line("560199", "-80"), line("1002", "80", cash_flow_line=6))
    found = only(trading, "statement_details", "2026-02")
    assert found.severity == "hint"
    assert found.place.line == "11"
    proven = prove_book()
    assert (proven.findings, proven.warnings) == ([], [])


def test_an_account_that_is_gone_leaves_the_doctor_alive(trading: Actor) -> None:
    execute("UPDATE {account} SET code = '1405X' WHERE code = '1405'")
    assert ask(trading, "2026-01").findings is not None


def test_cards_and_their_account_are_compared(trading: Actor) -> None:
    posted(trading, "2026-02-03", line("160103", "1200"), line("1002", credit="1200"))
    assert named(trading, "2026-02") == []
    card = AssetInput(
        name="货车",
        acquired_on="2026-02-03",
        asset_account_code="160103",
        accumulated_account_code="1602",
        expense_account_code="410102",
        original_value="1000",
        life_months=48,
    )
    create_asset(trading, card)
    found = only(trading, "asset_ledger", "2026-02")
    assert (found.severity, found.where) == ("warning", "160103 运输工具")
    assert "200.00" in found.message
    assert prove_book().findings == []
    close_period(trading, 202602)
    assert [finding.check for finding in prove_book().findings] == ["asset_ledger"]


def test_amounts_that_cannot_be_added_up_are_a_sentence_not_a_crash(file_firm: Actor) -> None:
    for date in ("2026-01-05", "2026-01-06"):
        posted(file_firm, date, line("1002", "80"), line("3001", credit="80"))
    posted(file_firm, "2026-02-06", line("1002", "80"), line("3001", credit="80"))
    execute("UPDATE {balance} SET debit = ? WHERE debit > 0", (2**62 + 2**61,))
    with pytest.raises(EnvironmentFault) as fault:
        ask(file_firm, "2026-03")
    assert fault.value.code == "amounts_damaged"
    assert "balance" in {finding.check for finding in prove_book().findings}
