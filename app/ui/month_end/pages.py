"""The pages of the month's end as the window knows them; each is built when first shown."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.navigation import OpenClosing
from app.ui.page import Page, PageContext, PageEntry
from app.ui.page_groups import PERIOD_END


def month_end_pages() -> list[PageEntry]:
    """Return the pages of the month's end in the order of the navigation."""
    return [
        PageEntry("assets", lambda: tr("固定资产"), "assets", _assets, PERIOD_END, permission="ledger:asset:view"),
        PageEntry("rates", lambda: tr("汇率表"), "rates", _rates, PERIOD_END, permission="ledger:rate:view"),
        PageEntry(
            "closing",
            lambda: tr("期末结账"),
            "closing",
            _closing,
            PERIOD_END,
            accepts=(OpenClosing,),
            permission="ledger:closing:view",
        ),
        PageEntry("doctor", lambda: tr("账簿体检"), "doctor", _doctor, PERIOD_END, permission="reports:doctor:view"),
    ]


def _closing(context: PageContext) -> Page:
    from app.ui.month_end.closing_page import ClosingPage

    return ClosingPage(context)


def _doctor(context: PageContext) -> Page:
    from app.ui.month_end.doctor_page import DoctorPage

    return DoctorPage(context)


def _rates(context: PageContext) -> Page:
    from app.ui.month_end.rates_page import RatesPage

    return RatesPage(context)


def _assets(context: PageContext) -> Page:
    from app.ui.month_end.assets_page import AssetsPage

    return AssetsPage(context)
