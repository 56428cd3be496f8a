"""A book that moves elsewhere, over HTTP: closed for changes while it moves and afterwards."""

from __future__ import annotations

from app.contract.book import Job
from app.contract.serving import BookMove, MoveState, RemovedBook, SumsInput
from app.http import SIGNED_IN, Routes
from app.identity.actor import Actor
from app.web import book_removal, book_work, moving

routes = Routes("moving")


@routes.get("/api/book/move", permission=SIGNED_IN, response=MoveState)
def get_move() -> MoveState:
    """Tell whether the book is moving or has moved."""
    return moving.move_state()


@routes.post("/api/book/move", permission="book:book:move", body=BookMove, response=MoveState)
def add_move(actor: Actor, body: BookMove) -> MoveState:
    """Close the book for changes because it moves elsewhere, or say that it has moved."""
    return moving.move_book(actor, body)


@routes.delete("/api/book/move", permission="book:book:move")
def remove_move(actor: Actor) -> None:
    """Take a move back: the book stays and can be changed again."""
    moving.stay(actor)


@routes.delete("/api/book", permission="book:book:move", response=RemovedBook)
def remove_book(actor: Actor) -> RemovedBook:
    """Let a further book be served no more: its file is set aside under another name, nothing is deleted."""
    return book_removal.remove_book(actor)


@routes.post("/api/book/sums", permission="book:book:move", body=SumsInput, response=Job, status=202)
def add_sums(actor: Actor) -> Job:
    """Take sums of all tables in the background; two copies of a book have the same."""
    return book_work.view_job(actor, moving.start_sums(actor))
