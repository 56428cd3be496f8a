"""固定资产台账 and 折旧计算表: what is there, what was charged, what is still due."""

from __future__ import annotations

import pytest

from app.contract.assets import AssetDisposal, AssetInput
from app.contract.ledger import AuxiliaryInput, VoucherInput
from app.identity.actor import Actor
from app.kernel.errors import PermissionDenied
from app.ledger.service.assets.cards import create_asset
from app.ledger.service.assets.disposal import dispose_asset
from app.ledger.service.assets.due import charges_due, record_charges
from app.ledger.service.sets import create_auxiliary
from app.ledger.service.vouchers import save_voucher
from app.storage.database import run_unit
from tests.ledger.build import line
from tests.reports.asking import ask, columns


def card(code: str, value: str, *, expense: str = "560202", user: str = "") -> AssetInput:
    return AssetInput(
        code=code,
        name=f"设备{code}",
        acquired_on="2026-01-10",
        asset_account_code="160102",
        accumulated_account_code="1602",
        expense_account_code=expense,
        original_value=value,
        residual_rate="5",
        life_months=60,
        unit="台",
        user_aux=user,
    )


@pytest.fixture
def cards(firm: Actor) -> Actor:
    """Two cards charged in 2026-02, one of them disposed of in 2026-03."""
    create_auxiliary(firm, AuxiliaryInput(kind="部门", name="一车间"))
    create_asset(firm, card("A1", "12000", user="部门:一车间"))
    second = create_asset(firm, card("A2", "6000", expense="410102"))

    def work() -> None:
        entries = [line("560202", "190"), line("410102", "95"), line("1602", credit="285")]
        saved = save_voucher(firm, VoucherInput(date="2026-02-28", entries=entries))
        record_charges(firm, 202602, saved.id, charges_due(202602, "depreciation"))

    run_unit(work)
    dispose_asset(firm, second.id, AssetDisposal(date="2026-03-10"))
    return firm


def test_the_register_holds_what_is_there_at_the_end_of_the_month(cards: Actor) -> None:
    rows, totals = ask(cards, "asset-register", last="2026-02")
    assert columns(rows, "code", "unit", "user", "original_value", "residual_value", "accumulated", "carrying") == [
        ("A1", "台", "部门:一车间", "12000.00", "600.00", "190.00", "11810.00"),
        ("A2", "台", "", "6000.00", "300.00", "95.00", "5905.00"),
    ]
    assert totals["carrying"] == "17715.00"
    assert rows[0]["method"] == "年限平均法"
    assert columns(ask(cards, "asset-register", last="2026-03")[0], "code") == [("A1",)]
    assert columns(ask(cards, "asset-register", last="2026-01")[0], "accumulated") == [("0.00",), ("0.00",)]
    assert columns(ask(cards, "asset-register", last="2026-02", aux="部门:一车间")[0], "code") == [("A1",)]
    assert ask(cards, "asset-register", last="2026-02", account_code="1701")[0] == []


def test_the_table_tells_what_was_charged_and_what_is_due(cards: Actor) -> None:
    rows, totals = ask(cards, "depreciation", "2026-02", "2026-03")
    keys = (
        "code",
        "expense_account_code",
        "months_charged",
        "opening_accumulated",
        "charged",
        "due",
        "closing_accumulated",
    )
    assert columns(rows, *keys) == [
        ("A1", "560202", "2", "0.00", "190.00", "190.00", "380.00"),
        ("A2", "410102", "2", "0.00", "95.00", "95.00", "190.00"),
    ]
    assert (totals["charged"], totals["due"]) == ("285.00", "285.00")
    april, _ = ask(cards, "depreciation", "2026-04", "2026-04")
    assert columns(april, "code", "opening_accumulated", "due") == [("A1", "380.00", "190.00")]


def test_the_tables_need_their_rights(cards: Actor) -> None:
    nobody = Actor(99, "访客", frozenset(), False)
    for name in ("asset-register", "depreciation"):
        with pytest.raises(PermissionDenied):
            ask(nobody, name)
