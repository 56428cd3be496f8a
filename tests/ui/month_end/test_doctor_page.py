"""The doctor's page lists what is wrong, says what to do, goes there, and forgets what was mended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from pytestqt.modeltest import ModelTester

from app.contract.doctor import DoctorPlace
from app.contract.ledger import Finding, Verification
from app.reports import doctor
from app.ui.month_end.doctor_page import DoctorPage
from app.ui.month_end.doctor_words import check_name, target_of
from app.ui.navigation import (
    OpenAccount,
    OpenEntries,
    OpenStatement,
    OpenVoucher,
    OpenVoucherList,
    ShowPage,
    Target,
)
from app.ui.tasks import Change, Topic
from tests.ui.ledger.desk import Desk


def checks(page: DoctorPage) -> list[str]:
    return [found.check for found in page.model.rows()]


def test_a_sound_book_is_said_to_be_sound(desk: Desk) -> None:
    desk.posted("2026-06-02", ("1002", "500", ""), ("3001", "", "500"))
    page = desk.show(DoctorPage)
    assert checks(page) == []
    assert page.summary.text() == "没有发现问题。"
    assert page.month.text == "2026-06"
    assert page.card.isHidden()


def test_findings_lead_to_where_they_are(desk: Desk, qtmodeltester: ModelTester) -> None:
    desk.posted("2026-06-02", ("1002", "500", ""), ("3001", "", "500"))
    desk.posted("2026-06-03", ("560201", "50", ""), ("1001", "", "50"))
    draft = desk.write("2026-06-04", ("560201", "50", ""), ("1002", "", "40"))
    page = desk.show(DoctorPage)
    assert checks(page) == ["faulty_draft", "cash_below_zero"]
    qtmodeltester.check(page.model)
    assert page.card.isVisible()
    assert "借贷不平" in page.card.text.text()
    page.card.wanted.click()
    assert desk.last() == OpenVoucher(draft.id)
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert page.card.place.text() == "现金或银行为负　1001 库存现金"
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert desk.last() == OpenEntries("1001", "2026-06", "2026-06")


def test_what_was_mended_goes_away(desk: Desk) -> None:
    draft = desk.write("2026-06-04", ("560201", "50", ""), ("1002", "", "40"))
    page = desk.show(DoctorPage)
    assert checks(page) == ["faulty_draft"]
    desk.api.delete_voucher(draft.id, draft.version)
    page.refresh(Change(frozenset({Topic.VOUCHERS})))
    assert checks(page) == []
    assert page.card.isHidden()


def test_another_month_and_all_months(desk: Desk) -> None:
    desk.posted("2026-05-03", ("560201", "50", ""), ("1001", "", "50"))
    desk.posted("2026-05-20", ("1001", "50", ""), ("3001", "", "50"))
    desk.posted("2026-06-03", ("1001", "50", ""), ("3001", "", "50"))
    page = desk.show(DoctorPage)
    assert checks(page) == []
    page.month.step(-1)
    assert checks(page) == ["cash_below_zero"]
    page.month.step(1)
    page.whole_book.setChecked(True)
    assert checks(page) == ["cash_below_zero"]
    assert not page.month.isEnabled()
    page.documents.setChecked(True)
    assert checks(page) == ["documents_missing", "documents_missing", "documents_missing", "cash_below_zero"]


def test_the_full_verification_joins_its_findings(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.posted("2026-06-02", ("1002", "500", ""), ("3001", "", "500"))
    page = desk.show(DoctorPage)
    page.verify.click()
    desk.qtbot.waitUntil(lambda: "已完整核验 1 张凭证" in page.summary.text())
    broken = Verification(
        vouchers=1,
        entries=2,
        balances=2,
        chain_count=1,
        chain_hash="0",
        findings=[Finding(check="hash", where="2026-06 记字第 1 号", message="内容与校验码不符，凭证被改动过。")],
    )
    monkeypatch.setattr("app.ui.month_end.doctor_page.finish_job", lambda *_work: broken.model_dump())
    page.verify.click()
    desk.qtbot.waitUntil(lambda: checks(page) == ["hash"])
    assert page.summary.text() == "错误 1 处，提醒 0 处，提示 0 处。"
    desk.qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert desk.last() == ShowPage("backup")


@pytest.mark.parametrize(
    ("place", "target"),
    [
        (DoctorPlace(), None),
        (DoctorPlace(kind="voucher", voucher_id=7), OpenVoucher(7)),
        (
            DoctorPlace(kind="vouchers", from_period="2026-06", to_period="2026-06"),
            OpenVoucherList("2026-06", "2026-06"),
        ),
        (DoctorPlace(kind="account", account_code="1602"), OpenAccount("1602")),
        (DoctorPlace(kind="opening", page="opening"), ShowPage("opening")),
        (
            DoctorPlace(
                kind="statement", statement="balance-sheet", line="30", from_period="2026-06", to_period="2026-06"
            ),
            OpenStatement("balance-sheet", "2026-06", "2026-06", 30),
        ),
    ],
)
def test_every_place_has_its_page(place: DoctorPlace, target: Target | None) -> None:
    assert target_of(place) == target


def test_every_check_of_the_examination_has_a_name() -> None:
    package = Path(doctor.__file__).parent
    made = {
        code
        for file in package.glob("*.py")
        for code in re.findall(r'Ailment\(\s*(?:code=)?"(\w+)"', file.read_text(encoding="utf-8"))
    }
    assert "stock_ledger" in made
    assert [code for code in sorted(made) if check_name(code) == code] == []
