"""Endpoints of contacts."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.book import Job
from app.contract.contacts import (
    Contact,
    ContactChange,
    ContactExport,
    ContactGroup,
    ContactGroupChange,
    ContactGroupInput,
    ContactGroupList,
    ContactImport,
    ContactInput,
    ContactMerge,
    ContactPage,
    ContactQuery,
)


class ContactCalls(Calls):
    """The endpoints of contacts."""

    def list_contacts(self, query: ContactQuery | None = None) -> ContactPage:
        """Return one page of contacts in pinyin order."""
        return self.transport.call("GET", "/api/contacts", ContactPage, query=query)

    def get_contact(self, contact_id: int) -> Contact:
        """Return a contact."""
        return self.transport.call("GET", f"/api/contacts/{contact_id}", Contact)

    def add_contact(self, new: ContactInput) -> Contact:
        """Add a contact."""
        return self.transport.call("POST", "/api/contacts", Contact, body=keyed(new))

    def change_contact(self, contact_id: int, change: ContactChange) -> Contact:
        """Change a contact; fields left out stay."""
        return self.transport.call("PATCH", f"/api/contacts/{contact_id}", Contact, body=keyed(change))

    def merge_contact(self, contact_id: int, merge: ContactMerge) -> Contact:
        """Merge a duplicate into another contact and return that one."""
        return self.transport.call("POST", f"/api/contacts/{contact_id}/merge", Contact, body=keyed(merge))

    def start_contact_import(self, wish: ContactImport) -> Job:
        """Import an uploaded table; the job's result is a `ContactImportOutcome`."""
        return self.transport.call("POST", "/api/contacts/import", Job, body=keyed(wish))

    def start_contact_export(self, wish: ContactExport) -> Job:
        """Write the table of contacts or its template; its file is fetched when the job is done."""
        return self.transport.call("POST", "/api/contacts/export", Job, body=keyed(wish))

    def list_contact_groups(self) -> ContactGroupList:
        """Return all groups."""
        return self.transport.call("GET", "/api/contact-groups", ContactGroupList)

    def add_contact_group(self, new: ContactGroupInput) -> ContactGroup:
        """Add a group."""
        return self.transport.call("POST", "/api/contact-groups", ContactGroup, body=keyed(new))

    def change_contact_group(self, group_id: int, change: ContactGroupChange) -> ContactGroup:
        """Rename a group, or let it be chosen or not."""
        return self.transport.call("PATCH", f"/api/contact-groups/{group_id}", ContactGroup, body=keyed(change))
