"""Bringing a book to newer tables so that it can never be worse off than before.

`look` whether a file needs it · `guard` a file held alone · `swap` two names changed so that no moment loses a book ·
`kept` the old file, and the way back to it · `file` the upgrade of a file · `server` the upgrade of a shared book.
What is compared before and after: `app.storage.comparison`.
"""
