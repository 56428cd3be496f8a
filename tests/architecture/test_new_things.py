"""Whatever the window makes anew is made through the shared piece that never makes it twice."""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.client.api import ApiClient

UI = Path(__file__).parents[2] / "app" / "ui"
SHARED = frozenset({"save_new", "PendingSave"})
MAKING = ("add_", "create_")
ACTS = {
    ("widgets/contact_lookup.py", "add_contact"): "a name chosen from a list: another one is another contact",
    ("ledger/voucher_lookups.py", "add_auxiliary"): "a name chosen from a list: another one is another item",
    ("trade/settlement_dialog.py", "add_settlement"): "an act under one id for the whole life of its form",
}
TAKEN_BACK = {"NewTokenDialog": "nothing of a token can be changed"}
KEPT_FROM_TYPING = frozenset({"request_id", "version", "parent_code", "name", "form"})
"""Fields of contracts that forms give nobody to type, or, of a definition, that are its address."""
OWN_WAY = {"UserDialog": frozenset({"password", "must_change_password"})}
"""What a form changes by another call."""


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Yield what is called on a client, `api.add_contact(…)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            on = node.func.value
            if isinstance(on, ast.Name) and on.id == "api" and node.func.attr.startswith(MAKING):
                yield node, node.func.attr


def name_of(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", None) or getattr(call.func, "id", ""))


@cache
def modules() -> list[tuple[str, ast.Module]]:
    """Return the modules of the window that make something; the others need no parsing."""
    texts = ((path, path.read_text(encoding="utf-8")) for path in sorted(UI.rglob("*.py")))
    wanted = tuple(f"api.{prefix}" for prefix in MAKING)
    return [
        (path.relative_to(UI).as_posix(), ast.parse(text))
        for path, text in texts
        if any(word in text for word in wanted)
    ]


def forms() -> Iterator[tuple[ast.ClassDef, ast.Call, str]]:
    """Yield the forms that make something: the class, its call of `save_new`, and what that calls."""
    for _path, tree in modules():
        for kind in ast.walk(tree):
            if not isinstance(kind, ast.ClassDef):
                continue
            for call in ast.walk(kind):
                if isinstance(call, ast.Call) and name_of(call) == "save_new":
                    yield kind, call, next(method for _node, method in calls(call))


def constant(kind: ast.ClassDef, name: str) -> object:
    for node in kind.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    return None


def test_what_is_made_anew_goes_through_the_shared_piece() -> None:
    seen: set[tuple[str, str]] = set()
    past: list[str] = []
    for path, tree in modules():
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_of(node) in SHARED]
        shared = {id(call) for node in nodes for call, _method in calls(node)}
        for call, method in calls(tree):
            seen.add((path, method))
            if id(call) not in shared and (path, method) not in ACTS:
                past.append(f"{path}:{call.lineno}: {method} past FormDialog.save_new and PendingSave")
    assert past == []
    assert set(ACTS) <= seen
    assert len(seen) >= 15  # it finds them at all


@pytest.mark.parametrize(("kind", "call", "method"), [pytest.param(*form, id=form[0].name) for form in forms()])
def test_a_form_goes_on_as_that_of_what_a_first_try_made(kind: ast.ClassDef, call: ast.Call, method: str) -> None:
    if any(word.arg == "take_back" for word in call.keywords):
        assert kind.name in TAKEN_BACK
        return
    assert constant(kind, "subject"), "a first try is kept there, and changed"
    change = getattr(ApiClient, method.replace("add_", "change_"))
    made, changed = (fields(one) for one in (getattr(ApiClient, method), change))
    fixed = made - changed - KEPT_FROM_TYPING - OWN_WAY.get(kind.name, frozenset())
    assert fixed == set(typing.cast("tuple[str, ...]", constant(kind, "fixed_once_made") or ()))


def fields(method: object) -> set[str]:
    """Return the fields of the contract a method of the client sends, its last parameter."""
    function = typing.cast("typing.Callable[..., object]", method)
    last = list(inspect.signature(function).parameters)[-1]
    return set(typing.get_type_hints(function)[last].model_fields)
