"""A book that moves elsewhere, over HTTP: closed for changes while it moves and afterwards."""

from __future__ import annotations

from app.http import Routes

routes = Routes("moving")
