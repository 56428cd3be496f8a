"""The button that saves a statement as a file, in the form's layout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.client.api import ApiClient
from app.client.reports import FileKind
from app.contract.reports import ReportQuery
from app.contract.statements import StatementQuery
from app.ui.ledger.report_export import ExportButton
from app.ui.page import Page
from app.ui.progress import Progress


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

    def making(self, kind: FileKind) -> Callable[[ApiClient, Progress, Path], None]:
        """Return what fetches the statement, which is made at once, and writes it."""
        name, query = self._name(), self._statement_query()

        def make(api: ApiClient, _progress: Progress, path: Path) -> None:
            path.write_bytes(api.statement_file(name, query, kind))

        return make
