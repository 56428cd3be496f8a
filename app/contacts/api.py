"""Contacts over HTTP: thin routes over their services and queries."""

from __future__ import annotations

from app.contacts.queries import contacts as contact_queries
from app.contacts.queries import groups as group_queries
from app.contacts.service import contacts, groups, merging
from app.contract.contacts import (
    Contact,
    ContactChange,
    ContactGroup,
    ContactGroupChange,
    ContactGroupInput,
    ContactGroupList,
    ContactInput,
    ContactMerge,
    ContactPage,
    ContactQuery,
)
from app.http import Routes
from app.http.decoding import require_version
from app.identity.actor import Actor

routes = Routes("contacts")


@routes.get("/api/contacts", permission="contacts:contact:view", query=ContactQuery, response=ContactPage)
def list_contacts(query: ContactQuery) -> ContactPage:
    """List customers, suppliers and employees, or look them up by name, code or pinyin initials."""
    return contact_queries.list_contacts(query)


@routes.post("/api/contacts", permission="contacts:contact:add", body=ContactInput, response=Contact, status=201)
def add_contact(actor: Actor, body: ContactInput) -> Contact:
    """Add a contact in one or several roles."""
    return contacts.create_contact(actor, body)


@routes.get("/api/contacts/<int:id>", permission="contacts:contact:view", response=Contact)
def get_contact(id: int) -> Contact:  # noqa: A002
    """Return a contact; one that was merged says into whom."""
    return contact_queries.get_contact(id)


@routes.patch("/api/contacts/<int:id>", permission="contacts:contact:edit", body=ContactChange, response=Contact)
def change_contact(actor: Actor, id: int, body: ContactChange) -> Contact:  # noqa: A002
    """Change a contact; fields left out stay. A new name is his name in every role."""
    require_version(body)
    return contacts.change_contact(actor, id, body)


@routes.post("/api/contacts/<int:id>/merge", permission="contacts:contact:merge", body=ContactMerge, response=Contact)
def merge_contact(actor: Actor, id: int, body: ContactMerge) -> Contact:  # noqa: A002
    """Merge a duplicate into another contact; its history stays and counts with the survivor."""
    return merging.merge_contact(actor, id, body)


@routes.get("/api/contact-groups", permission="contacts:contact:view", response=ContactGroupList)
def list_contact_groups() -> ContactGroupList:
    """List the groups of contacts."""
    return group_queries.list_groups()


@routes.post(
    "/api/contact-groups",
    permission="contacts:group:edit",
    body=ContactGroupInput,
    response=ContactGroup,
    status=201,
)
def add_contact_group(actor: Actor, body: ContactGroupInput) -> ContactGroup:
    """Add a group of contacts."""
    return groups.add_group(actor, body)


@routes.patch(
    "/api/contact-groups/<int:id>", permission="contacts:group:edit", body=ContactGroupChange, response=ContactGroup
)
def change_contact_group(actor: Actor, id: int, body: ContactGroupChange) -> ContactGroup:  # noqa: A002
    """Rename a group of contacts, or let it be chosen or not."""
    require_version(body)
    return groups.change_group(actor, id, body)
