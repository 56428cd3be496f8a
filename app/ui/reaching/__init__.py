"""Reaching a book that lies elsewhere: the fields of its place, and the test that says what is wrong, in order."""
