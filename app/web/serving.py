"""How a server is set up: who may stand before it, by which names it is called, which books and services it has.

The command line and the environment say the same things; `application_for` is the one way to a served application.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from app.kernel.errors import MalformedInput
from app.kernel.text import message
from app.logs import FORMATS
from app.storage.database import Book
from app.web.factory import create_app
from app.web.front import Front
from app.web.guard import ServeGuard
from app.web.hosts import AllowedHosts
from app.web.limits import Doorkeeper, Limits
from app.web.opening import StopRegister
from app.web.probes import Readiness
from app.web.proxies import TrustedProxies
from app.web.served_books import FurtherBooks
from app.web.services import chosen_services
from app.web.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BOOK = "ZHANGFANG_BOOK"
BOOKS = "ZHANGFANG_BOOKS"
SERVICES = "ZHANGFANG_SERVICES"
TRUSTED_PROXIES = "ZHANGFANG_TRUSTED_PROXIES"
ALLOWED_HOSTS = "ZHANGFANG_ALLOWED_HOSTS"
LOG_FORMAT = "ZHANGFANG_LOG_FORMAT"


@dataclass(frozen=True, slots=True)
class Serving:
    """The settings of one server process."""

    services: tuple[str, ...] = ()
    """Names of `app.web.services.SERVICES`; empty: all of them."""
    books: str = ""
    """A folder of further books, one `<slug>.zhangfang` each; empty: only the one book."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose `X-Forwarded-*` headers are believed, and no others'."""
    allowed_hosts: tuple[str, ...] = ()
    """Names this server is called by, beside `localhost`, its own host name and plain addresses."""
    log_format: str = "text"
    """`text`, or `json`: one JSON object a line."""
    limits: Limits = field(default_factory=Limits)
    """How much one caller may ask of this process."""

    def check(self) -> None:
        """Refuse settings that mean nothing, before anything is opened. Raises `MalformedInput`."""
        chosen_services(self.services)
        TrustedProxies(self.trusted_proxies)
        AllowedHosts(self.allowed_hosts)
        if self.log_format not in FORMATS:
            raise MalformedInput(
                "log_format_unknown",
                message("没有日志格式“{name}”，只有：{names}。", name=self.log_format, names="、".join(FORMATS)),
            )


def serving_from(environment: Mapping[str, str] | None = None) -> Serving:
    """Read the settings from the environment; lists are parted by commas."""
    given = os.environ if environment is None else environment

    def listed(name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in given.get(name, "").split(",") if part.strip())

    return Serving(
        services=listed(SERVICES),
        books=given.get(BOOKS, "").strip(),
        trusted_proxies=listed(TRUSTED_PROXIES),
        allowed_hosts=listed(ALLOWED_HOSTS),
        log_format=given.get(LOG_FORMAT, "").strip() or "text",
    )


def served_site(book: Book, serving: Serving, stops: StopRegister) -> Front:
    """Return what a server process answers with: its books, and before them what is the same for every book.

    How to close what is opened for it goes into `stops`. Raises `MalformedInput` for settings that mean nothing.
    """
    application: WSGIApplication = application_for(book, serving)
    if serving.books:
        books = book.companion(FurtherBooks)
        books.serve(Path(serving.books), stops)
        application = Site(application, books)
    return Front(application, TrustedProxies(serving.trusted_proxies), Readiness(book))


def application_for(book: Book, serving: Serving) -> Flask:
    """Return the application that serves one book under these settings."""
    slices = [name for service in chosen_services(serving.services) for name in service.slices]
    guard = ServeGuard(AllowedHosts(serving.allowed_hosts), Doorkeeper(serving.limits))
    return create_app(book, guard, pages=True, slices=slices)
