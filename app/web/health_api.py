"""Who answers here: the one route that every process of the program has, whichever services it runs."""

from __future__ import annotations

from app.contract.book import Health
from app.http import PUBLIC, Routes
from app.ledger.service.book import book_facts
from app.version import API_MAJOR, PROGRAM, VERSION
from app.web.guard import people_log_in

routes = Routes("book")


@routes.get("/api/health", permission=PUBLIC, response=Health)
def health() -> Health:
    """Tell who answers, which API and which book; the first call of every client."""
    return Health(
        program=PROGRAM,
        api=API_MAJOR,
        book=book_facts()["book_name"] or "",
        version=VERSION,
        logins=people_log_in(),
    )
