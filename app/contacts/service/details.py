"""What is known of a contact beside name, code and roles: read from what was typed, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.contacts.errors import fields_wrong
from app.contacts.queries.groups import get_group
from app.contacts.tax_number import clean_tax_number, has_shape
from app.contract.contacts import Contact, ContactChange, ContactInput
from app.kernel.errors import UserError
from app.kernel.money import parse_amount
from app.kernel.text import Message, clean_text, message
from app.ledger.queries.vouchers import base_digits
from app.storage.database import execute, fetch_one

TEXTS = ("address", "phone", "email", "bank_name", "bank_account", "note")
COLUMNS = ("group_id", "tax_number", *TEXTS, "terms_days", "credit_limit", "price_list_id")
LONGEST_TERMS = 3_650
Values = dict[str, Any]


def read_details(typed: ContactInput | ContactChange, before: Contact | None = None) -> Values:
    """Return the columns that were typed, checked. Raises `MalformedInput` whose `fields` name every wrong one.

    A group out of use is refused unless the contact has it already.
    """
    values: Values = {}
    wrong: dict[str, Message] = {}
    for name in COLUMNS:
        if name not in typed.model_fields_set:
            continue
        try:
            values[name] = _read(name, getattr(typed, name), before)
        except UserError as error:
            wrong[name] = error.message
        except _WrongValue as error:
            wrong[name] = error.reason
    if wrong:
        raise fields_wrong(wrong)
    return values


class _WrongValue(Exception):
    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _read(name: str, value: Any, before: Contact | None) -> Any:
    if name in TEXTS:
        text = clean_text(value or "")
        if name == "email" and text and ("@" not in text.strip("@") or " " in text):
            raise _WrongValue(message("“{text}”不是电子邮箱，请写成 name@example.com 的样子。", text=text))
        return text
    if name == "tax_number":
        return _tax_number(value or "")
    if name == "credit_limit":
        return _credit_limit(value or "")
    if name == "terms_days" and value is not None and not 0 <= value <= LONGEST_TERMS:
        raise _WrongValue(message("账期是 0 到 {most} 的天数。", most=LONGEST_TERMS))
    if name == "group_id" and value is not None:
        group = get_group(value)
        if not group.active and (before is None or before.group_id != value):
            raise _WrongValue(message("分组“{name}”已停用。", name=group.name))
    return value


def _tax_number(text: str) -> str:
    number = clean_tax_number(text)
    if number and not has_shape(number):
        raise _WrongValue(
            message("“{text}”不像税号：统一社会信用代码是 18 位，旧税号是 15 位，请核对。", text=clean_text(text))
        )
    return number


def _credit_limit(text: str) -> int | None:
    if not clean_text(text):
        return None
    limit = parse_amount(text, base_digits())
    if limit < 0:
        raise _WrongValue(message("信用额度不能是负数。"))
    return limit


def keep_details(contact_id: int, values: Mapping[str, Any]) -> None:
    """Write columns of a contact; his row is made when it is missing and there is something to keep."""
    if not values:
        return
    if fetch_one("SELECT 1 FROM {contact} WHERE id = ?", (contact_id,)) is None:
        if not any(value not in {None, ""} for value in values.values()):
            return
        execute("INSERT INTO {contact} (id) VALUES (?)", (contact_id,))
    names = list(values)
    execute(
        f"UPDATE {{contact}} SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?",
        [*(values[name] for name in names), contact_id],
    )


def fill_details(contact_id: int, source_id: int) -> None:
    """Give a contact what is known of another where nothing is known of him."""
    columns = ", ".join(COLUMNS)
    source = fetch_one(f"SELECT {columns} FROM {{contact}} WHERE id = ?", (source_id,))
    if source is None:
        return
    own = fetch_one(f"SELECT {columns} FROM {{contact}} WHERE id = ?", (contact_id,)) or (None,) * len(COLUMNS)
    keep_details(
        contact_id,
        {
            name: theirs
            for name, theirs, mine in zip(COLUMNS, source, own, strict=True)
            if mine in {None, ""} and theirs not in {None, ""}
        },
    )
