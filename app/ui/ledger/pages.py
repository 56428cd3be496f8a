"""The ledger's pages as the window knows them; each is built when first shown."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.navigation import (
    NewVoucher,
    OpenEntries,
    OpenTrialBalance,
    OpenVoucher,
    OpenVoucherList,
)
from app.ui.page import Page, PageContext, PageEntry
from app.ui.page_groups import BOOKS, VOUCHERS


def ledger_pages() -> list[PageEntry]:
    """Return the ledger's pages in the order of the navigation."""
    return [
        PageEntry(
            "vouchers",
            lambda: tr("凭证列表"),
            "vouchers",
            _voucher_list,
            VOUCHERS,
            accepts=(OpenVoucherList,),
            permission="ledger:voucher:view",
        ),
        PageEntry(
            "voucher",
            lambda: tr("凭证录入"),
            "voucher-new",
            _voucher,
            VOUCHERS,
            accepts=(OpenVoucher, NewVoucher),
            permission="ledger:voucher:view",
        ),
        PageEntry(
            "trial-balance",
            lambda: tr("科目余额表"),
            "trial-balance",
            _trial_balance,
            BOOKS,
            accepts=(OpenTrialBalance,),
            permission="reports:trial-balance:view",
        ),
        PageEntry(
            "entries",
            lambda: tr("明细账"),
            "ledger",
            _entries,
            BOOKS,
            accepts=(OpenEntries,),
            permission="reports:subsidiary-ledger:view",
        ),
    ]


def _voucher_list(context: PageContext) -> Page:
    from app.ui.ledger.voucher_list_page import VoucherListPage

    return VoucherListPage(context)


def _voucher(context: PageContext) -> Page:
    from app.ui.ledger.voucher_page import VoucherPage

    return VoucherPage(context)


def _trial_balance(context: PageContext) -> Page:
    from app.ui.ledger.trial_balance_page import TrialBalancePage

    return TrialBalancePage(context)


def _entries(context: PageContext) -> Page:
    from app.ui.ledger.entries_page import EntriesPage

    return EntriesPage(context)
