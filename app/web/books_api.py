"""The books of a server over HTTP: which there are, and taking one in."""

from __future__ import annotations

from app.contract.book import Job
from app.contract.serving import BookIntake, ServedBooks
from app.http import PUBLIC, Routes
from app.identity.actor import Actor
from app.web import book_intake, book_work, served_books

routes = Routes("books")


@routes.get("/books", permission=PUBLIC, response=ServedBooks)
def list_books() -> ServedBooks:
    """Return every book of this server; asked at its root only."""
    return served_books.served_books()


@routes.post("/api/books", permission="book:book:add", body=BookIntake, response=Job, status=202)
def add_book(actor: Actor, body: BookIntake) -> Job:
    """Make a further book of a finished upload in the background, proven before it is served."""
    return book_work.view_job(actor, book_intake.start_intake(actor, body))
