"""Endpoints of the statements: figures, what they are made of, definitions, reclassifications."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.client.reports import MEDIA_TYPES, FileKind
from app.contract.statements import (
    CashFlowEntryPage,
    CashFlowQuery,
    CellExplanation,
    CellQuery,
    DefinitionAdd,
    DefinitionInput,
    DefinitionList,
    DefinitionTrial,
    Reclassification,
    ReclassificationInput,
    ReclassificationList,
    ReclassificationQuery,
    Statement,
    StatementDefinition,
    StatementList,
    StatementQuery,
    StatementSettings,
    VatPresentationInput,
)


class StatementCalls(Calls):
    """The statements' endpoints. `version` is the one the caller has seen; a stale one raises `Conflict`."""

    def list_statements(self) -> StatementList:
        """Return the statements the book has."""
        return self.transport.call("GET", "/api/statements", StatementList)

    def get_statement(self, name: str, query: StatementQuery) -> Statement:
        """Return a statement with figures and checks."""
        return self.transport.call("GET", f"/api/statements/{name}", Statement, query=query)

    def explain_cell(self, name: str, query: CellQuery) -> CellExplanation:
        """Return what one figure is made of."""
        return self.transport.call("GET", f"/api/statements/{name}/cell", CellExplanation, query=query)

    def list_cash_flow_entries(self, query: CashFlowQuery) -> CashFlowEntryPage:
        """Return one page of the cash entries of a cash-flow line, or (line 0) of those without one."""
        return self.transport.call("GET", "/api/cash-flow-entries", CashFlowEntryPage, query=query)

    def statement_file(self, name: str, query: StatementQuery, kind: FileKind) -> bytes:
        """Return a statement as a file, in the form's layout."""
        wanted = query.model_copy(update={"file": kind})
        raw = self.transport.send("GET", f"/api/statements/{name}", query=wanted, accept=MEDIA_TYPES[kind])
        return raw.body

    def list_definitions(self) -> DefinitionList:
        """Return the definitions of the book and the functions formulas may use."""
        return self.transport.call("GET", "/api/statement-definitions", DefinitionList)

    def get_definition(self, name: str) -> StatementDefinition:
        """Return one definition with its rows and checks."""
        return self.transport.call("GET", f"/api/statement-definitions/{name}", StatementDefinition)

    def get_builtin_definition(self, name: str) -> StatementDefinition:
        """Return the definition that was built in, whatever the book has made of it."""
        return self.transport.call("GET", f"/api/statement-definitions/{name}/builtin", StatementDefinition)

    def add_definition(self, definition: DefinitionAdd) -> StatementDefinition:
        """Add a statement of the book's own."""
        return self.transport.call("POST", "/api/statement-definitions", StatementDefinition, body=keyed(definition))

    def try_definition(self, trial: DefinitionTrial) -> Statement:
        """Return what a definition works out to, without saving it."""
        return self.transport.call("POST", "/api/statement-definitions/trial", Statement, body=keyed(trial))

    def change_definition(self, name: str, definition: DefinitionInput) -> StatementDefinition:
        """Replace a definition."""
        return self.transport.call(
            "PUT", f"/api/statement-definitions/{name}", StatementDefinition, body=keyed(definition)
        )

    def reset_definition(self, name: str, version: int | None = None) -> None:
        """Take back all changes of a built-in definition, or remove one of the book's own."""
        self.transport.send("DELETE", f"/api/statement-definitions/{name}", query={"version": version})

    def list_reclassifications(self, query: ReclassificationQuery | None = None) -> ReclassificationList:
        """Return the reclassifications of a month or of all."""
        return self.transport.call("GET", "/api/reclassifications", ReclassificationList, query=query)

    def add_reclassification(self, reclassification: ReclassificationInput) -> Reclassification:
        """Add a reclassification."""
        return self.transport.call("POST", "/api/reclassifications", Reclassification, body=keyed(reclassification))

    def change_reclassification(self, identifier: int, reclassification: ReclassificationInput) -> Reclassification:
        """Replace a reclassification."""
        path = f"/api/reclassifications/{identifier}"
        return self.transport.call("PUT", path, Reclassification, body=keyed(reclassification))

    def remove_reclassification(self, identifier: int, version: int | None = None) -> None:
        """Remove a reclassification."""
        self.transport.send("DELETE", f"/api/reclassifications/{identifier}", query={"version": version})

    def set_vat_presentation(self, choice: VatPresentationInput) -> StatementSettings:
        """Choose how the book presents VAT debit balances."""
        return self.transport.call("PUT", "/api/statement-settings", StatementSettings, body=keyed(choice))
