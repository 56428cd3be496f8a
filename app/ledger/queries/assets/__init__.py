"""Reads of asset cards; `agreement(period)` compares them with the ledger."""

from app.ledger.queries.assets.comparing import Agreement, agreement

__all__ = ["Agreement", "agreement"]
