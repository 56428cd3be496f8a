"""The command line: one-shot commands, straight on the services. `main(argv)` runs one and returns its exit code."""

from __future__ import annotations

from app.cli.program import main

__all__ = ["main"]
