"""The books of a server over HTTP: taking one in."""

from __future__ import annotations

from app.http import Routes

routes = Routes("books")
