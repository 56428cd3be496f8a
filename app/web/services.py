"""Which service has which routes, and on which port it answers when each is a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.errors import MalformedInput
from app.kernel.text import message

GATEWAY_PORT = 5000


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its name, its port beside the gateway, the modules whose routes it answers."""

    name: str
    port: int
    slices: tuple[str, ...]


SERVICES: tuple[Service, ...] = (
    Service(
        "identity",
        5001,
        (
            "app.identity.api",
            "app.contacts.api",
            "app.exchange.contact_api",
            "app.exchange.log_api",
            "app.web.together_api",
        ),
    ),
    Service(
        "orders",
        5002,
        ("app.orders.api", "app.orders.payment_api", "app.reports.document_print.api"),
    ),
    Service(
        "inventory",
        5003,
        ("app.inventory.api", "app.inventory.stock_api", "app.exchange.item_api"),
    ),
    Service(
        "ledger",
        5004,
        (
            "app.ledger.api",
            "app.ledger.work_api",
            "app.ledger.asset_api",
            "app.ledger.closing_api",
            "app.reports.api",
            "app.reports.trade_api",
            "app.reports.voucher_print.api",
            "app.reports.statements.api",
            "app.exchange.api",
            "app.web.book_api",
            "app.web.books_api",
            "app.web.moving_api",
        ),
    ),
)


def chosen_services(names: Sequence[str]) -> tuple[Service, ...]:
    """Return the services of these names, all of them for none. Raises `MalformedInput` for a name that is none."""
    known = {service.name: service for service in SERVICES}
    for name in names:
        if name not in known:
            raise MalformedInput(
                "service_unknown",
                message("没有名为“{name}”的服务，只有：{names}。", name=name, names="、".join(known)),
            )
    return tuple(service for service in SERVICES if not names or service.name in names)
