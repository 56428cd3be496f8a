"""Contacts in the window: customers, suppliers and employees in one place."""
