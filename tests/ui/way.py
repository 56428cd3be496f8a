"""The way between window and server, which loses what goes over it when told to."""

from __future__ import annotations

from typing import Any

import pytest

from app.client.transport import Transport
from app.kernel.errors import EnvironmentFault
from app.kernel.text import message


class Way:
    """Loses the next answer to a change, or the change itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, methods: frozenset[str] = frozenset({"PUT", "PATCH"})) -> None:
        self.loses = False
        self.loses_orders = False
        """The order does not even come there."""
        self.lost: list[str] = []
        inner = Transport._exchange

        def exchange(transport: Transport, call: Any, *more: Any, **further: Any) -> Any:
            if not (self.loses or self.loses_orders) or call.method not in methods or "presence" in call.target:
                return inner(transport, call, *more, **further)
            if self.loses:
                with monkeypatch.context() as way:
                    way.setattr(transport.own_changes, "note", lambda _header: None)  # its head is lost, too
                    answer = inner(transport, call, *more, **further)
                assert answer.is_good, answer.body.decode()
            self.loses = self.loses_orders = False
            self.lost.append(call.target)
            raise EnvironmentFault("server_silent", message("没有得到回答。"))

        monkeypatch.setattr(Transport, "_exchange", exchange)
