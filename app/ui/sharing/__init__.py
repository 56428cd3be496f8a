"""Sharing a book: moving it to a database or a server and back, and what a book that has moved says."""
