"""Exports of the whole book, one module a format."""
