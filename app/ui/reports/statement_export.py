"""The button that saves a statement as a file, in the form's layout."""

from __future__ import annotations

from collections.abc import Callable

from app.client.api import ApiClient
from app.client.reports import FileKind
from app.contract.reports import ReportQuery
from app.contract.statements import StatementQuery
from app.ui.ledger.report_export import ExportButton
from app.ui.page import Page


class StatementExport(ExportButton):
    """Saves the statement that is chosen, over the months that are chosen."""

    def __init__(
        self, name: Callable[[], str], title: Callable[[], str], query: Callable[[], StatementQuery], page: Page
    ) -> None:
        super().__init__("", ReportQuery, page)
        self._name = name
        self._title = title
        self._statement_query = query

    def file_name(self) -> str:
        """Return the statement's title and months."""
        return self._title()

    def fetching(self, kind: FileKind) -> Callable[[ApiClient], bytes]:
        """Return what fetches the statement."""
        name, query = self._name(), self._statement_query()
        return lambda api: api.statement_file(name, query, kind)
