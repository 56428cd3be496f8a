"""The pages of books and statements as the window knows them; each is built when first shown."""

from __future__ import annotations

from app.ui.language import tr
from app.ui.navigation import OpenBook, OpenStatement
from app.ui.page import Page, PageContext, PageEntry
from app.ui.page_groups import BOOKS


def report_pages() -> list[PageEntry]:
    """Return the pages of books and statements in the order of the navigation."""
    return [
        PageEntry(
            "books",
            lambda: tr("账簿查询"),
            "books",
            _books,
            BOOKS,
            accepts=(OpenBook,),
            permission="reports:general-ledger:view",
        ),
        PageEntry(
            "statements",
            lambda: tr("财务报表"),
            "statement",
            _statements,
            BOOKS,
            accepts=(OpenStatement,),
            permission="reports:statement:view",
        ),
    ]


def _books(context: PageContext) -> Page:
    from app.ui.reports.books_page import BooksPage

    return BooksPage(context)


def _statements(context: PageContext) -> Page:
    from app.ui.reports.statements_page import StatementsPage

    return StatementsPage(context)
