"""One door before the services: `gunicorn 'app.web.gateway:application()'`, set up by the environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.web.gateway.proxying import Gateway
    from app.web.gateway.settings import GatewaySettings


def application(environment: Mapping[str, str] | None = None) -> Gateway:
    """Return the gateway for the services named in the environment. Raises `MalformedInput`."""
    from app.web.gateway.settings import gateway_settings_from

    return gateway_for(gateway_settings_from(environment))


def gateway_for(settings: GatewaySettings) -> Gateway:
    """Return a gateway under these settings; it knows all routes, and describes them itself."""
    from app.http.encoding import encode_json
    from app.web.factory import api_document
    from app.web.gateway.proxying import Gateway
    from app.web.gateway.routing import all_routes, routing_table

    return Gateway(routing_table(), settings, encode_json(api_document(all_routes())))
