"""What reports of stock call the documents that moved it."""

from __future__ import annotations

from app.inventory.queries.posting import RECOST
from app.inventory.stock_kinds import STOCK_KINDS
from app.kernel.text import Message, message
from app.orders.kinds import KINDS


def document_name(kind: str) -> str:
    """Return what a kind of document is called, in the language of books: Chinese."""
    known: dict[str, Message] = {
        **{code: facts.name for code, facts in STOCK_KINDS.items()},
        **{code: facts.name for code, facts in KINDS.items()},
        RECOST: message("成本调整"),
        "month_costing": message("月末计价"),
    }
    found = known.get(kind)
    return found.source if found is not None else kind
