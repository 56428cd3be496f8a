"""Many contacts at once, from a table of texts: all of them or none, and every row that cannot be taken is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.contacts.errors import fields_wrong
from app.contacts.kinds import KIND_OF, ROLES
from app.contacts.queries.contacts import get_contact
from app.contacts.queries.groups import list_groups
from app.contacts.service.contacts import change_contact, create_contact
from app.contacts.service.groups import add_group
from app.contract.contacts import (
    Contact,
    ContactChange,
    ContactGroupInput,
    ContactImportError,
    ContactImportOutcome,
    ContactInput,
    ContactRole,
)
from app.identity.actor import Actor
from app.kernel.errors import MalformedInput, UserError
from app.kernel.text import clean_number_text, clean_text, message
from app.storage.database import fetch_all, run_unit
from app.storage.progress import Progress, no_progress

MOST_ERRORS = 200
_TEXTS = ("code", "tax_number", "address", "phone", "email", "bank_name", "bank_account", "credit_limit", "note")
_PARTS = re.compile(r"[,，;；、/|\s]+")
_YES = frozenset({"y", "yes", "true", "1", "是", "在用", "启用"})
_NO = frozenset({"n", "no", "false", "0", "否", "停用", "已停用"})
_ROLE_WORDS: Mapping[str, ContactRole] = {
    **{kind: role for role, kind in KIND_OF.items()},
    **{role: role for role in ROLES},
    "员工": "employee",
    "厂商": "supplier",
    "顾客": "customer",
}


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A row of a table: its number in the file, and texts by column; what is missing or blank stays as it is."""

    row: int
    texts: Mapping[str, str]


class _GivenUp(Exception):
    """Takes back what was tried."""


def import_contacts(
    actor: Actor,
    rows: Iterable[ContactRow],
    *,
    dry_run: bool = False,
    progress: Progress = no_progress,
) -> ContactImportOutcome:
    """Add contacts, and change those of a name that is there; a role is added and never taken away.

    With any error nothing is kept; at most `MOST_ERRORS` are listed. Needs the rights to import, add and change, and
    for groups that are not there yet the one to change groups.
    """
    actor.require("contacts:contact:import")
    read = list(rows)
    if not read:
        raise MalformedInput("contacts_missing", message("没有找到往来单位：每行要有名称。"))
    counts: dict[str, int] = {}
    errors: list[ContactImportError] = []

    def work() -> None:
        counts.update(added=0, changed=0, same=0)
        errors.clear()
        taking = _Taking(actor)
        for place, row in enumerate(read):
            if place % 100 == 0:
                progress(place, len(read), message("正在导入往来单位…"))
            try:
                counts[taking.take(row)] += 1
            except UserError as error:
                errors.append(ContactImportError(row=row.row, reason=str(error.message)))
                if len(errors) == MOST_ERRORS:
                    break
        if errors or dry_run:
            raise _GivenUp

    try:
        run_unit(work)
    except _GivenUp:
        if errors:
            counts.update(added=0, changed=0, same=0)
    return ContactImportOutcome(**counts, errors=errors)


class _Taking:
    """Takes one row after the other in."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._groups = {group.name: group.id for group in list_groups().groups}
        self._rows: dict[str, int] = {}

    def take(self, row: ContactRow) -> str:
        """Add or change what a row names; return `added`, `changed` or `same`."""
        texts = {name: clean_text(text) for name, text in row.texts.items() if clean_text(text)}
        name = texts.get("name", "")
        if not name:
            raise fields_wrong({"name": message("请填写名称。")})
        first = self._rows.setdefault(name, row.row)
        if first != row.row:
            raise fields_wrong({"name": message("“{name}”在第 {row} 行已经有了。", name=name, row=first)})
        values = self._values(texts)
        before = _namesake(name, values.get("roles", []))
        if before is None:
            active = values.pop("active", True)
            roles = values.pop("roles", ["customer"])
            made = create_contact(self._actor, _made(ContactInput, name=name, roles=roles, **values))
            if not active:
                change_contact(self._actor, made.id, ContactChange(active=False))
            return "added"
        return self._change(before, values)

    def _change(self, before: Contact, values: dict[str, Any]) -> str:
        if "roles" in values:
            values["roles"] = [role for role in ROLES if role in {*before.roles, *values["roles"]}]
        differing = {key: value for key, value in values.items() if getattr(before, key) != value}
        if not differing:
            return "same"
        after = change_contact(self._actor, before.id, _made(ContactChange, **differing))
        return "same" if after == before.model_copy(update={"version": after.version}) else "changed"

    def _values(self, texts: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {name: texts[name] for name in _TEXTS if name in texts}
        if "roles" in texts:
            values["roles"] = read_roles(texts["roles"])
        if "terms_days" in texts:
            days = clean_number_text(texts["terms_days"])
            if not (days.isascii() and days.isdigit() and len(days) <= 6):
                raise fields_wrong({"terms_days": message("账期“{text}”不是天数。", text=texts["terms_days"])})
            values["terms_days"] = int(days)
        if "active" in texts:
            word = texts["active"].lower()
            if word not in _YES | _NO:
                raise fields_wrong({"active": message("“{text}”应是 是 或 否。", text=texts["active"])})
            values["active"] = word in _YES
        if "group" in texts:
            values["group_id"] = self._group(texts["group"])
        return values

    def _group(self, name: str) -> int:
        if name not in self._groups:
            if len(name) > 60:
                raise fields_wrong({"group": message("列“{column}”的内容太长。", column="group")})
            self._groups[name] = add_group(self._actor, ContactGroupInput(name=name)).id
        return self._groups[name]


def read_roles(text: str) -> list[ContactRole]:
    """Read `客户、供应商` or `customer, supplier`. Raises `MalformedInput`."""
    roles: list[ContactRole] = []
    for word in filter(None, _PARTS.split(text)):
        role = _ROLE_WORDS.get(word.lower())
        if role is None:
            raise fields_wrong({"roles": message("“{text}”不是身份，请写 客户、供应商 或 职员。", text=word)})
        roles.append(role)
    return roles


def _namesake(name: str, roles: list[ContactRole]) -> Contact | None:
    """Return the contact of a name; of two that are not joined yet, the one in the first of the roles asked for."""
    rows = fetch_all(
        "SELECT k.name, a.id FROM {auxiliary} a JOIN {auxiliary_kind} k ON k.id = a.kind_id"
        " WHERE a.name = ? AND k.name IN (?, ?, ?) ORDER BY a.id",
        (name, *KIND_OF.values()),
    )
    items: dict[str, int] = {kind: int(item_id) for kind, item_id in rows}
    for kind in [*(KIND_OF[role] for role in roles), *items]:
        if kind in items:
            found = get_contact(items[kind])
            survivor = found if found.merged_into is None else get_contact(found.merged_into)
            return survivor if survivor.name == name else found
    return None


def _made(kind: Any, **values: Any) -> Any:
    try:
        return kind(**values)
    except ValidationError as error:
        column = str(error.errors()[0]["loc"][0])
        raise fields_wrong({column: message("列“{column}”的内容太长。", column=column)}) from error
