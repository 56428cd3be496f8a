"""The ledger's pages as the window knows them; each is built when first shown."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.navigation import (
    NewVoucher,
    OpenAccount,
    OpenEntries,
    OpenTrialBalance,
    OpenVoucher,
    OpenVoucherList,
)
from app.ui.page import Page, PageContext, PageEntry
from app.ui.page_groups import BASICS, BOOKS, PERIOD_END, VOUCHERS


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
            "templates", lambda: tr("凭证模板"), "template", _templates, VOUCHERS, permission="ledger:template:view"
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
        PageEntry("periods", lambda: tr("会计期间"), "periods", _periods, PERIOD_END, permission="ledger:period:view"),
        PageEntry(
            "accounts",
            lambda: tr("会计科目表"),
            "accounts",
            _accounts,
            BASICS,
            accepts=(OpenAccount,),
            permission="ledger:account:view",
        ),
        PageEntry("opening", lambda: tr("期初余额"), "opening", _opening, BASICS, permission="ledger:opening:view"),
    ]


def _voucher_list(context: PageContext) -> Page:
    from app.ui.ledger.voucher_list_page import VoucherListPage

    return VoucherListPage(context)


def _voucher(context: PageContext) -> Page:
    from app.ui.ledger.voucher_page import VoucherPage

    return VoucherPage(context)


def _templates(context: PageContext) -> Page:
    from app.ui.ledger.templates_page import TemplatesPage

    return TemplatesPage(context)


def _trial_balance(context: PageContext) -> Page:
    from app.ui.ledger.trial_balance_page import TrialBalancePage

    return TrialBalancePage(context)


def _entries(context: PageContext) -> Page:
    from app.ui.ledger.entries_page import EntriesPage

    return EntriesPage(context)


def _periods(context: PageContext) -> Page:
    from app.ui.ledger.periods_page import PeriodsPage

    return PeriodsPage(context)


def _accounts(context: PageContext) -> Page:
    from app.ui.ledger.accounts_page import AccountsPage

    return AccountsPage(context)


def _opening(context: PageContext) -> Page:
    from app.ui.ledger.opening_page import OpeningPage

    return OpeningPage(context)
