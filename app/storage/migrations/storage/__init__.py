"""Migrations of the storage tables."""
