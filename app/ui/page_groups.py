"""The headings of the navigation, in their order."""

from __future__ import annotations

from app.ui.language import tr

VOUCHERS = "vouchers-group"
SALES = "sales-group"
PURCHASES = "purchases-group"
STOCK = "stock-group"
BOOKS = "books-group"
PERIOD_END = "period-end-group"
BASICS = "basics-group"
SYSTEM = "system-group"
ORDER = (VOUCHERS, SALES, PURCHASES, STOCK, BOOKS, PERIOD_END, BASICS, SYSTEM)


def group_name(group: str) -> str:
    """Return a heading in the window's language."""
    names = {
        VOUCHERS: tr("凭证"),
        SALES: tr("销售"),
        PURCHASES: tr("采购"),
        STOCK: tr("库存"),
        BOOKS: tr("账表"),
        PERIOD_END: tr("期末"),
        BASICS: tr("基础资料"),
        SYSTEM: tr("系统"),
    }
    return names.get(group, group)
