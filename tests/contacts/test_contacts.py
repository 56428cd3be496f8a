"""Contacts are the ledger's auxiliaries: one name in every role, and what is known of them beside it."""

from __future__ import annotations

import pytest

from app.contacts.queries import (
    credit_limit_of,
    get_contact,
    group_of,
    ids_counting_as,
    list_contacts,
    party_of,
    survivor_of,
)
from app.contacts.queries.contacts import contact_of_item
from app.contacts.queries.terms import survivors
from app.contacts.service.contacts import change_contact, create_contact
from app.contacts.service.groups import add_group, change_group
from app.contacts.service.merging import merge_contact
from app.contacts.service.roles import ensure_role
from app.contract.contacts import (
    Contact,
    ContactChange,
    ContactGroupChange,
    ContactGroupInput,
    ContactInput,
    ContactMerge,
    ContactQuery,
)
from app.contract.ledger import AuxiliaryInput, AuxiliaryQuery
from app.identity.actor import Actor
from app.kernel.errors import Conflict, MalformedInput, NotFound, PermissionDenied, RuleBroken
from app.ledger.queries.auxiliaries import list_auxiliaries
from app.ledger.service.sets import create_auxiliary
from app.ledger.verify import verify_book
from tests.ledger.build import line, posted
from tests.reports.asking import ask

CREDIT_CODE = "91350100M000100Y43"
"""The example of GB 32100-2015."""


def add(owner: Actor, name: str, *roles: str, **more: object) -> Contact:
    return create_contact(
        owner, ContactInput.model_validate({"name": name, "roles": list(roles or ("customer",)), **more})
    )


def names(**query: object) -> list[str]:
    return [contact.name for contact in list_contacts(ContactQuery.model_validate(query)).contacts]


def auxiliaries(kind: str) -> list[str]:
    return [item.name for item in list_auxiliaries(AuxiliaryQuery(kind=kind)).auxiliaries]


def balances(owner: Actor, kind: str) -> dict[str, str]:
    rows, _ = ask(owner, "auxiliary-balance", aux=kind)
    return {row["aux"]: f"{row['closing_debit']} {row['closing_credit']}" for row in rows}


def test_a_contact_in_two_roles_is_an_auxiliary_of_both_kinds(owner: Actor) -> None:
    contact = add(owner, "甲公司", "supplier", "customer", code="K1", tax_number=CREDIT_CODE.lower(), terms_days=30)
    assert contact.roles == ["customer", "supplier"]
    assert (contact.tax_number, contact.tax_number_doubtful, contact.terms_days) == (CREDIT_CODE, False, 30)
    assert (auxiliaries("客户"), auxiliaries("供应商")) == (["甲公司"], ["甲公司"])
    assert names() == names(role="customer") == names(role="supplier") == ["甲公司"]
    assert names(role="employee") == []
    assert contact_of_item("供应商", "甲公司") == contact_of_item("客户", "甲公司") == contact.id


def test_an_item_of_the_ledger_is_a_contact_without_being_typed(owner: Actor) -> None:
    item = create_auxiliary(owner, AuxiliaryInput(kind="客户", name="乙公司", code="Y"))
    create_auxiliary(owner, AuxiliaryInput(kind="项目", name="不是人"))
    (contact,) = list_contacts(ContactQuery()).contacts
    assert (contact.id, contact.name, contact.roles, contact.tax_number) == (item.id, "乙公司", ["customer"], "")
    assert party_of(item.id).terms_days is None
    with pytest.raises(NotFound):
        get_contact(99_999)


def test_a_role_is_made_when_a_document_needs_it(owner: Actor) -> None:
    contact = add(owner, "丙公司")
    assert ensure_role(contact.id, "customer") == "客户:丙公司"
    assert ensure_role(contact.id, "supplier") == ensure_role(contact.id, "supplier") == "供应商:丙公司"
    assert get_contact(contact.id).roles == ["customer", "supplier"]


def test_a_namesake_in_the_other_dimension_becomes_the_same_contact(owner: Actor) -> None:
    customer = create_auxiliary(owner, AuxiliaryInput(kind="客户", name="丁公司"))
    supplier = create_auxiliary(owner, AuxiliaryInput(kind="供应商", name="丁公司"))
    change_contact(owner, supplier.id, ContactChange(phone="123", terms_days=60))
    assert names() == ["丁公司", "丁公司"]
    ensure_role(customer.id, "supplier")
    (contact,) = list_contacts(ContactQuery()).contacts
    assert (contact.id, contact.roles, contact.phone) == (customer.id, ["customer", "supplier"], "123")
    assert survivor_of(supplier.id) == customer.id
    assert party_of(supplier.id).terms_days == party_of(customer.id).terms_days == 60
    assert get_contact(supplier.id).merged_into == customer.id


def test_a_new_name_is_the_name_in_every_role(owner: Actor) -> None:
    contact = add(owner, "旧名", "customer", "supplier")
    posted(owner, "2026-01-05", line("1122", "5", aux="客户:旧名"), line("3001", credit="5"))
    changed = change_contact(owner, contact.id, ContactChange(name="新名", version=contact.version))
    assert (changed.name, changed.pinyin) == ("新名", "xm")
    assert auxiliaries("客户") == auxiliaries("供应商") == ["新名"]
    assert balances(owner, "客户") == {"客户:新名": "5.00 0.00"}
    assert verify_book().findings == []
    with pytest.raises(Conflict) as stale:
        change_contact(owner, contact.id, ContactChange(name="别名", version=contact.version))
    assert stale.value.code == "stale_version"


def test_names_and_codes_are_taken_once(owner: Actor) -> None:
    add(owner, "甲公司", code="1")
    for roles in (["customer"], ["supplier"]):
        with pytest.raises(Conflict) as taken:
            add(owner, " 甲公司 ", *roles)
        assert taken.value.code == "contact_exists"
    with pytest.raises(Conflict) as code:
        add(owner, "乙公司", code="1")
    assert code.value.code == "contact_code_taken"
    other = add(owner, "乙公司", "supplier", code="2")
    for change in (ContactChange(name="甲公司"), ContactChange(code="1")):
        with pytest.raises(Conflict):
            change_contact(owner, other.id, change)
    assert change_contact(owner, other.id, ContactChange(name="乙公司", code="2")).name == "乙公司"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "甲;乙"),
        ("roles", []),
        ("tax_number", "12345"),
        ("tax_number", "9135010OM000100Y43"),
        ("email", "nobody"),
        ("email", "@"),
        ("terms_days", -1),
        ("credit_limit", "-0.01"),
        ("credit_limit", "1.234"),
        ("credit_limit", "much"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(sqlite_owner: Actor, field: str, value: object) -> None:
    typed: dict[str, object] = {"name": "甲", "roles": ["customer"], field: value}
    with pytest.raises(MalformedInput) as refused:
        create_contact(sqlite_owner, ContactInput.model_validate(typed))
    assert list(refused.value.fields) == [field]
    assert names() == []


@pytest.mark.parametrize(
    ("number", "doubtful"),
    [
        (CREDIT_CODE, False),
        ("91350100M000100Y44", True),
        ("11010519491231002X", False),
        ("110105194912310021", True),
        ("11010519491231002X01", False),
        ("350100123456789", False),
        ("３５０１００ 123456789", False),
        ("", False),
    ],
)
def test_a_wrong_check_character_is_a_warning(sqlite_owner: Actor, number: str, doubtful: bool) -> None:
    assert add(sqlite_owner, "甲", tax_number=number).tax_number_doubtful is doubtful


def test_a_role_goes_only_while_nothing_refers_to_it(owner: Actor) -> None:
    contact = add(owner, "甲", "customer", "supplier")
    posted(owner, "2026-01-05", line("2202", "5", aux="供应商:甲"), line("3001", credit="5"))
    with pytest.raises(RuleBroken) as used:
        change_contact(owner, contact.id, ContactChange(roles=["customer"]))
    assert used.value.code == "contact_role_used"
    assert change_contact(owner, contact.id, ContactChange(roles=["supplier"])).roles == ["supplier"]
    assert (names(role="supplier"), names(role="customer")) == (["甲"], [])
    again = change_contact(owner, contact.id, ContactChange(roles=["supplier", "customer"]))
    assert (again.id, again.roles, again.active) == (contact.id, ["customer", "supplier"], True)


def test_out_of_use_it_cannot_be_chosen_and_its_history_stays(owner: Actor) -> None:
    contact = add(owner, "甲", "customer", "supplier")
    posted(owner, "2026-01-05", line("1122", "5", aux="客户:甲"), line("3001", credit="5"))
    assert change_contact(owner, contact.id, ContactChange(active=False)).active is False
    assert (names(), names(include_inactive=True)) == ([], ["甲"])
    assert balances(owner, "客户") == {"客户:甲": "5.00 0.00"}
    with pytest.raises(RuleBroken):
        ensure_role(contact.id, "employee")
    back = change_contact(owner, contact.id, ContactChange(active=True))
    assert (back.active, back.roles) == (True, ["customer", "supplier"])


def test_groups_are_chosen_until_they_are_out_of_use(owner: Actor) -> None:
    group = add_group(owner, ContactGroupInput(name="华东"))
    contact = add(owner, "甲", group_id=group.id, credit_limit="１００.5")
    assert (contact.group, group_of(contact.id), credit_limit_of(contact.id)) == ("华东", group.id, 10050)
    assert (names(group_id=group.id), names(group_id=group.id + 1)) == (["甲"], [])
    change_group(owner, group.id, ContactGroupChange(active=False, name="东"))
    assert change_contact(owner, contact.id, ContactChange(group_id=group.id, note="好")).group == "东"
    with pytest.raises(MalformedInput):
        add(owner, "乙", group_id=group.id)
    with pytest.raises(Conflict):
        add_group(owner, ContactGroupInput(name="东"))
    assert change_contact(owner, contact.id, ContactChange(group_id=None)).group_id is None


def test_it_is_found_by_name_code_and_initials(owner: Actor) -> None:
    for name, code in (("上海甲公司", "A1"), ("北京乙公司", "B1"), ("100%公司", "")):
        add(owner, name, code=code)
    for word in ("乙公", "B1", "bjy", "BJYG"):
        assert names(q=word) == ["北京乙公司"]
    assert names(q="0%") == ["100%公司"]
    assert names() == ["100%公司", "北京乙公司", "上海甲公司"]
    first = list_contacts(ContactQuery(limit=2))
    assert [c.name for c in list_contacts(ContactQuery(limit=2, cursor=first.next or "")).contacts] == ["上海甲公司"]


def test_merged_it_counts_with_the_survivor(owner: Actor) -> None:
    good = add(owner, "好名", phone="1")
    first = add(owner, "重名一", "customer", "supplier", phone="2", email="a@b.c")
    second = add(owner, "重名二", "supplier", terms_days=10)
    posted(owner, "2026-01-05", line("1122", "5", aux="客户:好名"), line("3001", credit="5"))
    posted(owner, "2026-01-05", line("1122", "7", aux="客户:重名一"), line("3001", credit="7"))
    posted(owner, "2026-01-05", line("3001", "9"), line("2202", credit="9", aux="供应商:重名二"))
    merge_contact(owner, second.id, ContactMerge(into_id=first.id))
    merged = merge_contact(owner, first.id, ContactMerge(into_id=good.id))
    assert (merged.roles, merged.phone, merged.email, merged.terms_days) == (["customer", "supplier"], "1", "a@b.c", 10)
    assert [survivor_of(contact.id) for contact in (good, first, second)] == [good.id] * 3
    assert names() == auxiliaries("客户") == auxiliaries("供应商") == ["好名"]
    assert balances(owner, "客户") == {"客户:好名": "12.00 0.00"}
    assert balances(owner, "供应商") == {"供应商:好名": "0.00 9.00"}
    assert ensure_role(second.id, "supplier") == "供应商:好名"
    assert verify_book().findings == []
    with pytest.raises(Conflict) as gone:
        add(owner, "重名一")
    assert gone.value.code == "contact_merged"
    with pytest.raises(RuleBroken):
        change_contact(owner, first.id, ContactChange(phone="3"))


def test_merging_namesakes_of_two_dimensions_keeps_both_items(owner: Actor) -> None:
    customer = create_auxiliary(owner, AuxiliaryInput(kind="客户", name="甲"))
    supplier = create_auxiliary(owner, AuxiliaryInput(kind="供应商", name="甲"))
    merged = merge_contact(owner, supplier.id, ContactMerge(into_id=customer.id))
    assert merged.roles == ["customer", "supplier"]
    assert (auxiliaries("供应商"), survivor_of(supplier.id)) == (["甲"], customer.id)
    assert names() == ["甲"]


def test_a_role_that_was_taken_away_goes_along_when_merged(owner: Actor) -> None:
    good, twin = add(owner, "好名", "supplier"), add(owner, "重名", "customer", "supplier")
    change_contact(owner, twin.id, ContactChange(roles=["supplier"]))
    merged = merge_contact(owner, twin.id, ContactMerge(into_id=good.id))
    assert (merged.roles, survivor_of(twin.id), names()) == (["supplier"], good.id, ["好名"])
    assert (get_contact(twin.id).merged_into, contact_of_item("客户", "重名")) == (good.id, good.id)
    assert {good.id, twin.id} <= set(ids_counting_as(good.id))
    assert survivors()[twin.id] == good.id
    assert ensure_role(twin.id, "customer") == "客户:好名"
    assert get_contact(good.id).roles == ["customer", "supplier"]


def test_what_cannot_be_merged(owner: Actor) -> None:
    first, second = add(owner, "甲", tax_number=CREDIT_CODE), add(owner, "乙", tax_number="350100123456789")
    third = add(owner, "丙")
    for one, other in ((first, first), (first, second)):
        with pytest.raises(RuleBroken) as refused:
            merge_contact(owner, one.id, ContactMerge(into_id=other.id))
        assert refused.value.code == "contact_merge_refused"
    merge_contact(owner, third.id, ContactMerge(into_id=first.id))
    for one, other in ((first, third), (third, first), (third, second)):
        with pytest.raises(RuleBroken):
            merge_contact(owner, one.id, ContactMerge(into_id=other.id))


def test_every_change_needs_its_right(sqlite_owner: Actor) -> None:
    contact = add(sqlite_owner, "甲")
    nobody = Actor(sqlite_owner.user_id, "无权")
    with pytest.raises(PermissionDenied):
        add(nobody, "乙")
    with pytest.raises(PermissionDenied):
        change_contact(nobody, contact.id, ContactChange(phone="1"))
    with pytest.raises(PermissionDenied):
        merge_contact(nobody, contact.id, ContactMerge(into_id=1))
    with pytest.raises(PermissionDenied):
        add_group(nobody, ContactGroupInput(name="组"))
