"""How kinds, methods, states and reasons of asset cards are called in the window's language."""

from __future__ import annotations

from app.contract.assets import AssetKind, AssetMethod, AssetState, DisposalReason
from app.ui.language import tr

KINDS: tuple[AssetKind, ...] = ("fixed", "biological", "intangible", "deferred")
METHODS: tuple[AssetMethod, ...] = ("straight_line", "double_declining", "sum_of_years")
REASONS: tuple[DisposalReason, ...] = ("scrapped", "sold", "shortage", "other")


def kind_name(kind: AssetKind) -> str:
    """Return a kind of card."""
    names = {
        "fixed": tr("固定资产"),
        "biological": tr("生产性生物资产"),
        "intangible": tr("无形资产"),
        "deferred": tr("长期待摊费用"),
    }
    return names[kind]


def method_name(method: AssetMethod) -> str:
    """Return a method of charging."""
    names = {
        "straight_line": tr("年限平均法"),
        "double_declining": tr("双倍余额递减法"),
        "sum_of_years": tr("年数总和法"),
    }
    return names[method]


def state_name(state: AssetState) -> str:
    """Return where a card stands."""
    names = {"in_use": tr("在用"), "charged_in_full": tr("已提足"), "disposed": tr("已处置")}
    return names[state]


def reason_name(reason: DisposalReason) -> str:
    """Return why a card leaves."""
    names = {"scrapped": tr("报废"), "sold": tr("出售"), "shortage": tr("盘亏"), "other": tr("其他方式")}
    return names[reason]
