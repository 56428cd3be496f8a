"""Several people on one book over HTTP: what others changed, and who works on what."""

from __future__ import annotations

from app.http import Routes

routes = Routes("together")
