"""Words several of the ledger's pages use, in the window's language."""

from __future__ import annotations

from app.contract.ledger import VoucherHead
from app.ui.language import tr


def is_english() -> bool:
    """Tell whether the window speaks English: accounts then show their English names."""
    return tr("摘要") != "摘要"


def state_name(state: str) -> str:
    """Return the name of a voucher's state."""
    names = {"draft": tr("草稿"), "reviewed": tr("已审核"), "posted": tr("已记账"), "void": tr("作废")}
    return names.get(state, state)


def voucher_name(voucher: VoucherHead) -> str:
    """Return how people call a voucher: `记-12`; a draft without a number has its word only."""
    return f"{voucher.word}-{voucher.number}" if voucher.number is not None else f"{voucher.word}-?"


def side_name(signed_is_debit: bool | None) -> str:
    """Return 借 or 贷, and 平 for a balance of zero."""
    if signed_is_debit is None:
        return tr("平")
    return tr("借") if signed_is_debit else tr("贷")


def category_name(category: str) -> str:
    """Return the name of a category of accounts; the book keeps them in Chinese."""
    names = {
        "资产": tr("资产"),
        "负债": tr("负债"),
        "共同": tr("共同"),
        "所有者权益": tr("所有者权益"),
        "成本": tr("成本"),
        "损益": tr("损益"),
        "净资产": tr("净资产"),
        "收入": tr("收入"),
        "支出": tr("支出"),
    }
    return names.get(category, category)
