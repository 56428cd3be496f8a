"""Settings, exchange rates and opening balances, changed by two people at once: seen by the second, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from PyQt5.QtWidgets import QMessageBox

from app.contract.ledger import AccountInput, Opening, OpeningRow
from app.contract.rates import ExchangeRateInput, ExchangeRateQuery
from app.contract.statements import VatPresentationInput
from app.contract.stock import PostingRuleInput
from app.contract.voucher_work import VoucherSettingsInput
from app.kernel.errors import EnvironmentFault
from app.kernel.text import Message
from app.ui.ledger.account_index import AccountIndex
from app.ui.ledger.opening_line import OpeningColumn
from app.ui.ledger.opening_page import OpeningPage
from app.ui.ledger.voucher_settings_dialog import RULES, VoucherSettingsDialog
from app.ui.month_end.rate_sheet import RateColumn
from app.ui.month_end.rates_page import RatesPage
from app.ui.reports.statements_page import StatementsPage
from app.ui.stock.posting_rule_dialog import PostingRuleDialog, RuleChoices
from app.ui.widgets.conflict_dialog import ConflictDialog
from tests.ui.ledger.conftest import api, desk, empty_book, runner
from tests.ui.ledger.desk import Desk
from tests.ui.together.test_every_window import Window, met, nothing, opened, see_both_and_choose
from tests.ui.together.test_versions import conflict_over, shown

__all__ = ["api", "desk", "empty_book", "runner"]

HERS = "100201"
USD = ("USD", "2026-06-29")
NEGATIVE = "增值税借方余额以负数列在应交税费"
AMONG_ASSETS = "增值税借方余额列入其他流动资产（财会〔2016〕22号）"


def voucher_settings(desk: Desk) -> Window:
    before = VoucherSettingsInput(word_rule="记", version=desk.api.voucher_settings().version)
    kept = desk.api.change_voucher_settings(before)
    dialog = opened(VoucherSettingsDialog, desk)
    theirs = VoucherSettingsInput(word_rule="custom", words=["银"], cashier_must_sign=True, version=kept.version)
    return Window(
        dialog,
        type=lambda: dialog.rule.setCurrentIndex(RULES.index("收付转")),
        save=dialog.ok_button.click,
        theirs=lambda: desk.api.change_voucher_settings(theirs),
        here=lambda: RULES[dialog.rule.currentIndex()],
        there=lambda: desk.api.voucher_settings().word_rule,
        mine="收付转",
        hers="custom",
        rows={
            "凭证字": ["记（一种凭证字）", "收、付、转（按分录判断）", "自定"],
            "自定凭证字": ["—", "—", "银"],
            "收付凭证先由出纳签字，才能记账": ["否", "否", "是"],
        },
    )


def presentation(desk: Desk) -> Window:
    version = desk.api.list_statements().settings_version
    first = VatPresentationInput(vat_presentation="text_2011", version=version)
    version = desk.api.set_vat_presentation(first).version
    page: Any = desk.show(StatementsPage)
    menu = page.menu

    def theirs() -> None:
        """She tried the other way and went back to the first."""
        there = desk.api.set_vat_presentation(VatPresentationInput(vat_presentation="reclass_2016", version=version))
        desk.api.set_vat_presentation(VatPresentationInput(vat_presentation="text_2011", version=there.version))

    return Window(
        page,
        type=nothing,
        save=menu._presentations["reclass_2016"].trigger,
        theirs=theirs,
        here=lambda: next(name for name, action in menu._presentations.items() if action.isChecked()),
        there=lambda: desk.api.list_statements().vat_presentation,
        mine="reclass_2016",
        hers="text_2011",
        rows={"增值税的列示": [NEGATIVE, AMONG_ASSETS, NEGATIVE]},
    )


def rate_there(desk: Desk) -> str:
    found = desk.api.list_exchange_rates(ExchangeRateQuery(period="2026-06")).rates
    return next((one.rate for one in found if (one.currency, one.date) == USD), "")


def rates(desk: Desk) -> Window:
    def keep(rate: str) -> None:
        desk.api.save_exchange_rates([ExchangeRateInput(currency=USD[0], date=USD[1], rate=rate)])

    keep("7.1")
    page: Any = desk.show(RatesPage)
    return Window(
        page,
        type=lambda: page.model.setData(page.model.index(0, RateColumn.RATE), "7.2"),
        save=page.save,
        theirs=lambda: keep("7.3"),
        here=lambda: page.model.sheet.shown(0, RateColumn.RATE),
        there=lambda: rate_there(desk),
        mine="7.2",
        hers="7.3",
        rows={"USD 2026-06-29": ["7.1", "7.2", "7.3"]},
    )


def opening_there(desk: Desk) -> str:
    return next(row.opening_debit for row in desk.api.get_opening().rows if row.account_code == "1001")


def opening_row(code: str, debit: str = "", credit: str = "") -> OpeningRow:
    return OpeningRow(account_code=code, opening_debit=debit, opening_credit=credit)


def opening(desk: Desk) -> Window:
    def theirs() -> None:
        """She adds an account, too, which this window does not know yet."""
        if not any(one.code == HERS for one in desk.api.list_accounts().accounts):
            desk.api.add_account(AccountInput(code=HERS, parent_code="1002", name_zh="工行"))
        rows = [opening_row("1001", "250"), opening_row(HERS, "50"), opening_row("3001", credit="300")]
        desk.api.replace_opening(Opening(rows=rows, version=desk.api.get_opening().version))

    desk.api.replace_opening(Opening(rows=[opening_row("1001", "100"), opening_row("3001", credit="100")]))
    page: Any = desk.show(OpeningPage)

    def cell(code: str, column: OpeningColumn) -> Any:
        rows = [line.account.code for line in page.model.sheet.lines]
        return page.model.index(rows.index(code), column)

    def both_sides(amount: str) -> None:
        page.model.setData(cell("1001", OpeningColumn.OPENING_DEBIT), amount)
        page.model.setData(cell("3001", OpeningColumn.OPENING_CREDIT), amount)

    def line(side: str, amount: str) -> str:
        return f"年初余额 {side} {amount} · 期初余额 {side} {amount}"

    return Window(
        page,
        type=lambda: both_sides("200"),
        save=page.save,
        theirs=theirs,
        here=lambda: str(cell("1001", OpeningColumn.OPENING_DEBIT).data()),
        there=lambda: opening_there(desk),
        mine="200.00",
        hers="250.00",
        rows={
            "1001 库存现金": [line("借方", amount) for amount in ("100.00", "200.00", "250.00")],
            "3001 实收资本": [line("贷方", amount) for amount in ("100.00", "200.00", "300.00")],
            "100201 工行": ["—", "—", line("借方", "50.00")],
        },
    )


def rule(desk: Desk) -> Window:
    """The program's proposal at first, that nobody has touched."""
    listed = desk.api.list_posting_rules().rules
    known = next(one for one in listed if one.purpose == "stock" and one.category_id is None)
    choices = RuleChoices(AccountIndex(desk.api.list_accounts().accounts), [], [])
    dialog = opened(partial(PostingRuleDialog, narrowing=False), desk, choices, known)
    mine, hers = ("1403", "1405") if known.account_code != "1403" else ("1411", "1408")
    names = {one.code: one.name_zh for one in desk.api.list_accounts().accounts}
    theirs = PostingRuleInput(purpose="stock", account_code=hers, version=known.version)
    return Window(
        dialog,
        type=lambda: dialog.account.set_code(mine),
        save=dialog.ok_button.click,
        theirs=lambda: desk.api.set_posting_rule(theirs),
        here=lambda: dialog.account.wire,
        there=lambda: next(one.account_code for one in desk.api.list_posting_rules().rules if one.purpose == "stock"),
        mine=mine,
        hers=hers,
        rows={"科目": [f"{code} {names[code]}" for code in (known.account_code, mine, hers)]},
    )


MADE = (rule, voucher_settings, presentation, rates, opening)


@pytest.mark.parametrize("made", MADE, ids=[make.__name__ for make in MADE])
def test_both_versions_are_seen_and_one_is_chosen(desk: Desk, made: Callable[[Desk], Window]) -> None:
    see_both_and_choose(desk, made)


def put(page: RatesPage, row: int, *cells: str) -> None:
    for column, text in zip((RateColumn.DATE, RateColumn.CURRENCY, RateColumn.RATE), cells, strict=True):
        page.model.setData(page.model.index(row, column), text)


def test_a_rate_both_enter_is_not_overwritten_and_other_lines_stay_typed(desk: Desk) -> None:
    page = desk.show(RatesPage)
    put(page, 0, "2026/6/29", "USD", "7.2")
    put(page, 1, "2026-06-30", "EUR", "8.1")
    desk.api.save_exchange_rates([ExchangeRateInput(currency=USD[0], date=USD[1], rate="7.3", source="央行")])
    page.save()
    dialog = conflict_over(page)
    assert shown(dialog) == {"USD 2026-06-29": ["—", "7.2", "7.3 · 央行"]}
    dialog.take.click()
    sheet = page.model.sheet
    assert [(line.currency, line.rate, line.is_changed) for line in sheet.lines] == [
        ("USD", "7.3", False),
        ("EUR", "8.1", True),
        ("", "", False),
    ]
    page.save()
    assert (rate_there(desk), page.has_unsaved()) == ("7.3", False)


def test_a_rate_somebody_deleted_meanwhile_is_shown_as_gone_and_can_be_put_back(desk: Desk) -> None:
    window = rates(desk)
    window.type()
    desk.api.delete_exchange_rate(*USD)
    dialog = met(window)
    assert shown(dialog) == {"USD 2026-06-29": ["7.1", "7.2", "—"]}
    dialog.keep.click()
    assert (rate_there(desk), window.widget.has_unsaved()) == ("7.2", False)


def test_a_rate_changed_meanwhile_is_not_deleted_and_what_is_typed_stays(desk: Desk) -> None:
    window = rates(desk)
    page = window.widget
    put(page, 1, "2026-06-30", "EUR", "8.1")
    window.theirs()
    page.table.setCurrentIndex(page.model.index(0, 0))
    page._delete()
    box = page.findChild(QMessageBox)
    next(one for one in box.buttons() if box.buttonRole(one) == QMessageBox.ButtonRole.AcceptRole).click()
    assert "已被王会计修改" in page.message_bar.text
    assert (rate_there(desk), page.has_unsaved()) == ("7.3", True)
    assert not [one for one in page.findChildren(ConflictDialog) if one.isVisible()]


def test_ones_own_save_without_an_answer_is_not_somebody_elses(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    window = rates(desk)
    save = desk.api.save_exchange_rates

    def lost(wished: list[ExchangeRateInput]) -> None:
        save(wished)
        raise EnvironmentFault("server_unreachable", Message("away"))

    window.type()
    with monkeypatch.context() as patch:
        patch.setattr(desk.api, "save_exchange_rates", lost)
        window.save()
    assert window.widget.has_unsaved()
    put(window.widget, 0, *reversed(USD), "7.4")
    window.save()
    assert (rate_there(desk), window.widget.has_unsaved()) == ("7.4", False)
