"""The book as a whole over HTTP: health, what it is, jobs, uploads, backups, verifications."""

from __future__ import annotations

from app.contract.book import BookInfo, Health
from app.http import PUBLIC, Routes
from app.identity.queries.people import logins_required
from app.kernel.period import format_period
from app.ledger.service.book import book_facts
from app.ledger.service.states import review_by_other
from app.storage.database import current_book, fetch_one
from app.version import API_MAJOR, PROGRAM, VERSION

routes = Routes("book")


@routes.get("/api/health", permission=PUBLIC, response=Health)
def health() -> Health:
    """Tell who answers, which API and which book; the first call of every client."""
    return Health(
        program=PROGRAM,
        api=API_MAJOR,
        book=book_facts()["book_name"] or "",
        version=VERSION,
        logins=logins_required(),
    )


@routes.get("/api/book", permission="book:info:view", response=BookInfo)
def book_info() -> BookInfo:
    """Tell what the book is, and where it lies."""
    facts = book_facts()
    return BookInfo(
        name=facts["book_name"],
        chart=facts["chart"],
        start=format_period(facts["start_period"]),
        base_currency=facts["base_currency"],
        vat=facts["vat"],
        location=str(current_book().address),
        database=database_version(),
        review_by_other=review_by_other(),
    )


def database_version() -> str:
    """Return the database's name and version, such as `SQLite 3.40.1` or `MariaDB 10.11.14`."""
    if current_book().is_sqlite:
        row = fetch_one("SELECT sqlite_version()")
        return f"SQLite {row[0]}" if row else "SQLite"
    row = fetch_one("SELECT VERSION()")
    version = str(row[0]) if row else ""
    return ("MariaDB " if "MariaDB" in version else "MySQL ") + version.partition("-")[0]
