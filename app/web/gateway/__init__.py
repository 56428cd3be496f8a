"""One door before the services: `gunicorn 'app.web.gateway:application()'`, set up by the environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.web.gateway.door import Door
    from app.web.gateway.settings import GatewaySettings


def application(environment: Mapping[str, str] | None = None) -> Door:
    """Return the gateway for the services named in the environment. Raises `MalformedInput`."""
    from app.web.gateway.settings import gateway_settings_from

    return gateway_for(gateway_settings_from(environment))


def gateway_for(settings: GatewaySettings) -> Door:
    """Return a gateway under these settings; it knows and describes all routes. Raises `MalformedInput`."""
    from app.http.encoding import encode_json
    from app.web.factory import api_document
    from app.web.gateway.door import Door
    from app.web.gateway.proxying import Gateway
    from app.web.gateway.routing import all_routes, routing_table
    from app.web.proxies import TrustedProxies

    proxies = TrustedProxies(settings.trusted_proxies)
    return Door(Gateway(routing_table(), settings, encode_json(api_document(all_routes()))), proxies)
