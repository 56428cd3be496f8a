"""What the window calls the kinds and costings of items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from app.contract.inventory import Costing, ItemCategory
from app.ui.language import tr

KINDS: tuple[Literal["goods", "service"], ...] = ("goods", "service")
COSTINGS: tuple[Costing, ...] = ("moving", "monthly", "fifo", "lot")


def kind_name(kind: str) -> str:
    """Return what a kind of item is called."""
    return {"goods": tr("货物"), "service": tr("服务")}.get(kind, kind)


def costing_name(costing: str) -> str:
    """Return what a way of costing is called."""
    return {
        "moving": tr("移动加权平均"),
        "monthly": tr("全月一次加权"),
        "fifo": tr("先进先出"),
        "lot": tr("个别计价"),
    }.get(costing, costing)


def category_path(category: ItemCategory, categories: Sequence[ItemCategory]) -> str:
    """Return a category's name with those above it: 文具 / 笔."""
    known = {found.id: found for found in categories}
    names = [category.name]
    above = category.parent_id
    while above is not None and above in known and len(names) < 10:
        names.insert(0, known[above].name)
        above = known[above].parent_id
    return " / ".join(names)
