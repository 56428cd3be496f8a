"""Reads of the ledger; they change nothing and check no right (services and routes do)."""
