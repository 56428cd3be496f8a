"""Items as rows of texts: what tables that go out hold, and tables that come in are read by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.contract.inventory import Costing, Item, ItemQuery
from app.inventory.queries.items import list_items
from app.kernel.text import Message, message

COLUMNS = (
    *("code", "name", "specification", "barcode", "kind", "category", "unit", "units", "costing", "tracks_lots"),
    *("tracks_expiry", "tax_rate", "sales_price", "purchase_price", "reorder_level", "note", "active"),
)
KIND_NAMES: Mapping[str, Message] = {"goods": message("货物"), "service": message("服务")}
COSTING_NAMES: Mapping[Costing, Message] = {
    "moving": message("移动加权平均"),
    "monthly": message("全月一次加权"),
    "fifo": message("先进先出"),
    "lot": message("个别计价"),
}
UNIT_SEPARATOR = ";"
PART_SEPARATOR = "="
_PAGE = 1000


def units_text(item: Item) -> str:
    """Return further units as `箱=24=6901;托=960`: unit, factor and, where there is one, barcode."""
    return UNIT_SEPARATOR.join(
        PART_SEPARATOR.join(filter(None, (unit.unit, unit.factor, unit.barcode))) for unit in item.units
    )


def all_items() -> Iterator[Item]:
    """Yield every item by code, those not used any more too."""
    cursor: str | None = ""
    while cursor is not None:
        page = list_items(ItemQuery(include_inactive=True, limit=_PAGE, cursor=cursor))
        yield from page.items
        cursor = page.next
