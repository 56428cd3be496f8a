"""Changes of definitions and of how the book presents them: all validated, versioned and written into the log."""

from __future__ import annotations

import dataclasses

from app.contract.statements import (
    DefinitionAdd,
    DefinitionInput,
    DefinitionList,
    DefinitionTrial,
    FormulaFunction,
    Statement,
    StatementDefinition,
    StatementSettings,
    VatPresentationInput,
)
from app.identity import audit
from app.identity.actor import Actor
from app.identity.service.versions import check_version
from app.kernel import clock
from app.kernel.errors import Conflict, NotFound
from app.kernel.text import message
from app.reports.statements.accounts import read_accounts
from app.reports.statements.definition import (
    BUILTIN_NAMES,
    Definition,
    book_chart,
    builtin_definitions,
    mark_exact,
    statement_unknown,
)
from app.reports.statements.formula import FUNCTIONS
from app.reports.statements.reading import StatementRequest, read_statement
from app.reports.statements.statement import shown_statement
from app.reports.statements.stored import (
    VAT_SETTING,
    VERSION_SETTING,
    Stored,
    definition_called,
    encoded,
    head_of,
    read_definitions,
    read_stored,
    shown_definition,
    statement_settings,
)
from app.reports.statements.validation import read_definition
from app.storage.book_settings import lock_setting, set_setting
from app.storage.database import execute, read_snapshot, run_unit

OBJECT = "statement_definition"


def list_definitions(actor: Actor) -> DefinitionList:
    """Return the definitions of the book and the functions of the language. Needs `reports:statement:view`."""
    actor.require("reports:statement:view")
    with read_snapshot():
        definitions = read_definitions()
    return DefinitionList(
        definitions=[head_of(definition) for definition in definitions.values()],
        functions=[
            FormulaFunction(name=name, arguments=function.example, meaning=str(function.meaning))
            for name, function in FUNCTIONS.items()
        ],
    )


def get_definition(actor: Actor, name: str) -> StatementDefinition:
    """Return a definition. Needs `reports:statement:view`; raises `NotFound`."""
    actor.require("reports:statement:view")
    with read_snapshot():
        return _shown(name)


def get_builtin(actor: Actor, name: str) -> StatementDefinition:
    """Return a definition as it was built in. Needs `reports:statement:view`; raises `NotFound`."""
    actor.require("reports:statement:view")
    return shown_definition(definition_called(name, builtin_definitions(book_chart())), None)


def add_definition(actor: Actor, typed: DefinitionAdd) -> StatementDefinition:
    """Add a statement of the book's own. Needs `reports:statement:edit`.

    Raises `Conflict` for a name that is taken, `MalformedInput` naming the row that is wrong.
    """
    actor.require("reports:statement:edit")

    def work() -> StatementDefinition:
        definitions = read_definitions()
        if typed.name in definitions or typed.name in BUILTIN_NAMES:
            raise Conflict("statement_exists", message("已有报表“{name}”，请换一个名称。", name=typed.name))
        return _save(actor, _read(typed.name, typed, definitions), None)

    return run_unit(work)


def change_definition(actor: Actor, name: str, typed: DefinitionInput) -> StatementDefinition:
    """Replace a definition, a built-in one too: the book then has its own. Needs `reports:statement:edit`.

    Raises `NotFound`, `Conflict` for a stale version, `MalformedInput` naming the row that is wrong.
    """
    actor.require("reports:statement:edit")

    def work() -> StatementDefinition:
        stored = read_stored(name, lock=True)
        definitions = read_definitions()
        definition_called(name, definitions)
        version, number = (stored.version, stored.id) if stored else (0, 0)
        check_version(typed.version, version, OBJECT, number, lambda: _shown(name))
        return _save(actor, _read(name, typed, definitions), stored)

    return run_unit(work)


def try_definition(actor: Actor, trial: DefinitionTrial) -> Statement:
    """Work a definition out as if the book had it. Needs `reports:statement:edit`, for it is the editor's own.

    Raises `MalformedInput` naming the row that is wrong, and as `read_statement`.
    """
    actor.require("reports:statement:edit")
    builtin = builtin_definitions(book_chart()).get(trial.name)
    with read_snapshot():
        typed = _read(trial.name, trial, read_definitions())
        definition = dataclasses.replace(typed, origin="own" if builtin is None else "changed")
        request = StatementRequest(trial.from_period, trial.to_period, trial.include_unposted)
        return shown_statement(read_statement(trial.name, request, mark_exact(definition, builtin)))


def reset_definition(actor: Actor, name: str, version: int | None = None) -> None:
    """Make a changed definition the built-in one again, or remove one of the book's own.

    Needs `reports:statement:edit`; raises `NotFound`, `Conflict` for a stale version.
    """
    actor.require("reports:statement:edit")

    def work() -> None:
        stored = read_stored(name, lock=True)
        if stored is None:
            definitions = read_definitions()
            if name in definitions:
                raise NotFound("statement_unchanged", message("报表“{name}”没有改过，不用还原。", name=name))
            raise statement_unknown(name, definitions)
        check_version(version, stored.version, OBJECT, stored.id, lambda: _shown(name))
        before = _shown(name)
        execute("DELETE FROM {statement_definition} WHERE id = ?", (stored.id,))
        audit.record(actor, "reports:statement:edit", OBJECT, stored.id, before=before)

    run_unit(work)


def set_vat_presentation(actor: Actor, wished: VatPresentationInput) -> StatementSettings:
    """Choose how VAT debit balances are presented. Needs `reports:statement:edit`; raises `Conflict` when stale."""
    actor.require("reports:statement:edit")

    def work() -> StatementSettings:
        lock_setting(VERSION_SETTING, 1)
        before = statement_settings()
        where = message("增值税的列示")
        check_version(wished.version, before.version, "book_setting", VAT_SETTING, lambda: before, where)
        set_setting(VAT_SETTING, wished.vat_presentation)
        set_setting(VERSION_SETTING, before.version + 1)
        audit.record(
            actor,
            "reports:statement:edit",
            "book_setting",
            VAT_SETTING,
            before={"value": before.vat_presentation},
            after={"value": wished.vat_presentation},
        )
        return statement_settings()

    return run_unit(work)


def _read(name: str, typed: DefinitionInput, definitions: dict[str, Definition]) -> Definition:
    chart = book_chart()
    return read_definition(name, typed, definitions, read_accounts(chart), chart)


def _save(actor: Actor, definition: Definition, stored: Stored | None) -> StatementDefinition:
    """Write a definition. Its version is a time, so that one made anew after a reset is never taken for the old one."""
    now = clock.utc_ms()
    before = None
    if stored is None:
        execute(
            "INSERT INTO {statement_definition} (name, content, version, changed_by, changed_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (definition.name, encoded(definition), now, actor.user_id, now),
        )
    else:
        before = _shown(definition.name)
        execute(
            "UPDATE {statement_definition} SET content = ?, version = ?, changed_by = ?, changed_at = ? WHERE id = ?",
            (encoded(definition), max(now, stored.version + 1), actor.user_id, now, stored.id),
        )
    after = _shown(definition.name)
    fresh = read_stored(definition.name)
    audit.record(
        actor, "reports:statement:edit", OBJECT, fresh.id if fresh else definition.name, before=before, after=after
    )
    return after


def _shown(name: str) -> StatementDefinition:
    return shown_definition(definition_called(name, read_definitions()), read_stored(name))
