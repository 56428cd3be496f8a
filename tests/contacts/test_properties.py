"""Whatever is done to contacts, and in whatever order: one name in every role, and nobody gets lost."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from app.contacts.kinds import KIND_OF
from app.contacts.queries import get_contact, ids_counting_as, list_contacts, survivor_of
from app.contacts.queries.contacts import all_contacts
from app.contacts.queries.terms import survivors
from app.contacts.service.contacts import change_contact, create_contact
from app.contacts.service.merging import merge_contact
from app.contacts.service.roles import ensure_role, items_of
from app.contract.contacts import ContactChange, ContactInput, ContactMerge, ContactQuery
from app.contract.ledger import AuxiliaryInput
from app.identity.actor import Actor
from app.kernel.errors import UserError
from app.ledger.queries.auxiliaries import get_auxiliary
from app.ledger.service.sets import create_auxiliary
from app.storage.database import execute, fetch_all, run_unit

ROLES = st.sampled_from(["customer", "supplier", "employee"])
NAMES = st.sampled_from(["甲", "乙", "丙"])
PLACES = st.integers(0, 5)
STEP = st.one_of(
    st.tuples(st.just("add"), NAMES, st.lists(ROLES, min_size=1, max_size=2)),
    st.tuples(st.just("item"), NAMES, st.sampled_from(["客户", "供应商"])),
    st.tuples(st.just("rename"), PLACES, NAMES),
    st.tuples(st.just("roles"), PLACES, st.lists(ROLES, min_size=1, max_size=2)),
    st.tuples(st.just("active"), PLACES, st.booleans()),
    st.tuples(st.just("ensure"), PLACES, ROLES),
    st.tuples(st.just("merge"), PLACES, PLACES),
)


def carry_out(owner: Actor, step: tuple[Any, ...]) -> None:
    ids = [row[0] for row in fetch_all("SELECT id FROM {auxiliary} ORDER BY id")]
    verb, first, second = step
    if verb == "add":
        create_contact(owner, ContactInput(name=first, roles=second))
    elif verb == "item":
        create_auxiliary(owner, AuxiliaryInput(kind=second, name=first, code=second[0]))
    elif ids:
        at = ids[first % len(ids)]
        if verb == "rename":
            change_contact(owner, at, ContactChange(name=second))
        elif verb == "roles":
            change_contact(owner, at, ContactChange(roles=second))
        elif verb == "active":
            change_contact(owner, at, ContactChange(active=second))
        elif verb == "ensure":
            assert ensure_role(at, second).startswith(KIND_OF[second])
        else:
            merge_contact(owner, at, ContactMerge(into_id=ids[second % len(ids)]))


def check() -> None:
    everybody = list_contacts(ContactQuery(include_inactive=True, limit=1000)).contacts
    assert {contact.id for contact in everybody} == {contact.id for contact in all_contacts()}
    in_use = list_contacts(ContactQuery(limit=1000)).contacts
    assert {contact.id for contact in in_use} == {contact.id for contact in everybody if contact.active}
    by_id = {contact.id: contact for contact in everybody}
    standing = survivors()
    for (item_id,) in fetch_all("SELECT id FROM {auxiliary}"):
        owner_id = survivor_of(item_id)
        assert owner_id in by_id  # nobody gets lost
        assert standing.get(item_id, item_id) == owner_id
        assert item_id in ids_counting_as(owner_id)
        assert (get_contact(item_id).merged_into or item_id) == owner_id
    for contact in everybody:
        assert contact.roles
        assert survivor_of(contact.id) == contact.id
        items = items_of(contact.id)
        assert set(contact.roles) <= set(items)
        for role, item_id in items.items():
            item = get_auxiliary(item_id)
            assert (item.kind, item.name, item.merged_into) == (KIND_OF[role], contact.name, None)
            assert item.code == contact.code
            assert item.active == (contact.active and role in contact.roles)
        for role in contact.roles:
            found = list_contacts(ContactQuery(role=role, q=contact.name, include_inactive=True)).contacts
            assert contact.id in {other.id for other in found}


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(STEP, min_size=1, max_size=9))
def test_one_name_in_every_role_and_nobody_gets_lost(sqlite_owner: Actor, steps: list[tuple[Any, ...]]) -> None:
    class Done(Exception):
        pass

    def work() -> None:
        for step in steps:
            with suppress(UserError):
                run_unit_apart(sqlite_owner, step)
        note(repr(steps))
        check()
        raise Done

    with suppress(Done):
        run_unit(work)


def run_unit_apart(owner: Actor, step: tuple[Any, ...]) -> None:
    """Carry a step out so that a refusal takes back what it did before, as a transaction of its own would."""
    execute("SAVEPOINT step")
    try:
        carry_out(owner, step)
    except UserError:
        execute("ROLLBACK TO step")
        raise
    finally:
        execute("RELEASE step")
