"""A served copy for tests of the window: a real server on a port that stays the same, stopped and started at will."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.client.api import ApiClient
from app.client.transport import Transport
from app.contract.identity import PasswordChange, UserChange, UserInput
from app.storage.address import parse_address
from app.web.factory import create_app
from app.web.guard import DesktopGuard
from app.web.opening import StopRegister, open_for_serving
from app.web.server import LocalServer
from app.web.serving import Serving, application_for

BOSS = "boss-secret-1"
CLERK = "clerk-secret-1"


def people_added(path: Path) -> Path:
    """Give a book two people who log in: its owner `boss` and the clerk `li`, who has every role."""
    with StopRegister() as stops:
        book = open_for_serving(parse_address(str(path)), stops)
        server = LocalServer()
        port = server.bind()
        stops.push("server", server.stop)
        server.start(create_app(book, DesktopGuard(port, "t")))
        api = ApiClient(Transport(server.url, "t"))
        stops.push("client", api.close)
        me = api.session().user
        api.change_user(me.id, UserChange(login_name="boss", version=me.version))
        api.change_own_password(PasswordChange(new_password=BOSS))
        roles = [role.id for role in api.list_roles().roles]
        clerk = UserInput(
            name="李会计", age=28, login_name="li", password=CLERK, roles=roles, must_change_password=False
        )
        api.add_user(clerk)
    return path


class ServedCopy:
    """A book behind `serve`'s application, in this process."""

    def __init__(self, path: Path) -> None:
        self._address = parse_address(str(path))
        self._stops = StopRegister()
        self.port = 0
        self.before: Any = None
        """Called with the request's environment before the application sees it."""
        self.after: Any = None
        """Called with it when the answer is made, before it is sent."""
        self.instead: tuple[str, bytes] | None = None
        """The status and page that something before the server answers everything with."""

    @property
    def url(self) -> str:
        """The address a window connects to."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Open the book and serve it, on the same port as before."""
        self._stops = StopRegister()
        book = open_for_serving(self._address, self._stops)
        server = LocalServer()
        self.port = server.bind(self.port)
        self._stops.push("server", lambda: server.stop(0.5))
        app = application_for(book, Serving())
        app.wsgi_app = self._around(app.wsgi_app)  # type: ignore[method-assign]
        server.start(app)

    def stop(self) -> None:
        """Go away; harmless when gone."""
        self._stops.run()

    def client(self, login_name: str, password: str) -> ApiClient:
        """Return somebody else's way in."""
        api = ApiClient(Transport(self.url))
        api.log_in(login_name, password)
        return api

    def _around(self, inner: Any) -> Any:
        def application(environment: dict[str, Any], start: Any) -> Iterable[bytes]:
            if self.instead is not None:
                start(self.instead[0], [("Content-Type", "text/html"), ("Content-Length", str(len(self.instead[1])))])
                return [self.instead[1]]
            if self.before is not None:
                self.before(environment)
            answer: Iterable[bytes] = inner(environment, start)
            if self.after is not None:
                self.after(environment)
            return answer

        return application
