"""Stock's pages stand on the same desk as the ledger's."""

from __future__ import annotations

from tests.ui.ledger.conftest import api, desk, empty_book, runner

__all__ = ["api", "desk", "empty_book", "runner"]
