"""Migrations of the ledger tables."""
