"""The server's endpoints as typed methods: contracts in, contracts out. Blocking; call them off the UI thread."""

from __future__ import annotations

from app.client.ledger import LedgerCalls
from app.client.transport import Transport

__all__ = ["ApiClient"]


class ApiClient(LedgerCalls):
    """Everything a server of ours answers, over one `Transport`. Safe to use from several threads."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)

    def close(self) -> None:
        """Close the connections; calls under way end with `EnvironmentFault`."""
        self.transport.close()
