"""Endpoints of a server of books: which it has, taking one in, and moving one away."""

from __future__ import annotations

from app.client.calls import Calls, keyed
from app.contract.book import Job
from app.contract.serving import BookIntake, BookMove, MoveState, RemovedBook, ServedBooks, SumsInput


class ServingCalls(Calls):
    """The endpoints of a server of books; `served_books` is asked of the server's root, not of one book."""

    def served_books(self) -> ServedBooks:
        """Return every book of the server."""
        return self.transport.call("GET", "/books", ServedBooks)

    def take_book_in(self, intake: BookIntake) -> Job:
        """Let the server make a book of an uploaded backup, proven before it is shown; the job's result is its slug."""
        return self.transport.call("POST", "/api/books", Job, body=keyed(intake))

    def remove_book(self) -> RemovedBook:
        """Let the server serve this book no more; its file stays there under another name."""
        return self.transport.call("DELETE", "/api/book", RemovedBook)

    def move_state(self) -> MoveState:
        """Return whether the book is moving or has moved."""
        return self.transport.call("GET", "/api/book/move", MoveState)

    def move_book(self, move: BookMove) -> MoveState:
        """Close the book for changes because it moves, or say that it has moved."""
        return self.transport.call("POST", "/api/book/move", MoveState, body=keyed(move))

    def stay(self) -> None:
        """Take a move back: the book stays, and can be changed again."""
        self.transport.send("DELETE", "/api/book/move")

    def start_sums(self) -> Job:
        """Take the sums of all tables; the job's result is a `BookSums`."""
        return self.transport.call("POST", "/api/book/sums", Job, body=keyed(SumsInput()))
