"""The gateway itself: one WSGI application that hands each request to the service it belongs to, and the answer back.

Bodies stream both ways. A call is sent a second time only when that is safe: a `GET` or `HEAD` whose connection broke
before an answer, and anything of which nothing could be sent at all.
"""

from __future__ import annotations

import http.client
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kernel.text import Message
from app.web.further_book import unknown_book
from app.web.gateway import answers
from app.web.gateway.bodies import BROKEN, AnswerBody, BodyTooLargeError, CallerGoneError, RequestBody
from app.web.gateway.headers import headers_for_caller, headers_for_service, is_sound, target_of
from app.web.gateway.routing import HERE, WHICHEVER_LIVES, RoutingTable
from app.web.gateway.upstream import Connection, ServiceAwayError, ServiceLostError, ServiceSlowError, Upstream
from app.web.pages import KEPT_BY_BROWSERS, STYLE_PATH, style_sheet
from app.web.refusal_pages import is_read_by_people
from app.web.site import asks_literally, strip_book_prefix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from app.web.gateway.settings import GatewaySettings

logger = logging.getLogger(__name__)

_REPEATABLE = frozenset({"GET", "HEAD"})
_REFUSALS = {
    ServiceAwayError: answers.service_away,
    ServiceSlowError: answers.service_slow,
    ServiceLostError: answers.service_lost,
}


@dataclass(frozen=True, slots=True)
class _Call:
    """A request as it goes on."""

    method: str
    target: str
    headers: answers.Headers
    body: RequestBody

    @property
    def repeatable(self) -> bool:
        return self.method in _REPEATABLE and self.body.is_empty


class Gateway:
    """A WSGI application before the services."""

    def __init__(self, table: RoutingTable, settings: GatewaySettings, document: bytes = b"{}") -> None:
        """Take the routes, where the services are, and the OpenAPI document of all of them."""
        self._table = table
        self._document = document
        self._max_body_bytes = settings.max_body_bytes
        self.upstreams = {name: Upstream(name, place, settings) for name, place in settings.places.items()}

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request, whose caller is settled."""
        if not is_sound(environ):
            return answers.refuse_protocol(environ, start, 400)
        path = environ.get("PATH_INFO", "")
        slug, path_in_book = strip_book_prefix(path)
        service = self._table.service_of(path)
        accept = environ.get("HTTP_ACCEPT", "")
        environ[answers.READ_BY_PEOPLE] = "html" in accept and is_read_by_people(
            accept, path_in_book, is_page=self._table.is_page(path), is_route=service is not None
        )
        if slug and not asks_literally(environ, slug):
            unknown = unknown_book(slug)
            return answers.refuse(environ, start, 404, unknown.code, unknown.message)
        if service is None:
            return answers.refuse_protocol(environ, start, 404)
        if service == HERE:
            return self._own(environ, start, is_style=path_in_book.strip("/") == STYLE_PATH.strip("/"))
        services = tuple(self.upstreams) if service == WHICHEVER_LIVES else (service,)
        body = RequestBody(environ, self._max_body_bytes)
        if body.is_too_large:
            return answers.refuse_protocol(environ, start, 413)
        call = _Call(environ["REQUEST_METHOD"], target_of(environ), headers_for_service(environ), body)
        try:
            return self._first_that_lives(services, call, environ, start)
        except BodyTooLargeError:
            return answers.refuse_protocol(environ, start, 413)
        except CallerGoneError:
            return answers.refuse_protocol(environ, start, 400)

    def close(self) -> None:
        """Close the idle connections."""
        for upstream in self.upstreams.values():
            upstream.drop_kept()

    def _own(self, environ: WSGIEnvironment, start: StartResponse, *, is_style: bool) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in _REPEATABLE:
            return answers.refuse_protocol(environ, start, 405, [("Allow", "GET, HEAD")])
        if is_style:
            kept = [("Cache-Control", KEPT_BY_BROWSERS)]
            return answers.send_bytes(environ, start, 200, style_sheet().read_bytes(), kept, "text/css; charset=utf-8")
        return answers.send_bytes(environ, start, 200, self._document)

    def _first_that_lives(
        self, services: tuple[str, ...], call: _Call, environ: WSGIEnvironment, start: StartResponse
    ) -> Iterable[bytes]:
        refusals: list[tuple[str, Message]] = []
        for service in services:
            try:
                return self._pass_on(self.upstreams[service], call, start)
            except (ServiceAwayError, ServiceSlowError, ServiceLostError) as trouble:
                refusals.append(_REFUSALS[type(trouble)](service))
                logger.warning("%s: %s at %s %s", service, refusals[-1][0], call.method, call.target.partition("?")[0])
        code, sentence = refusals[0]
        return answers.refuse(environ, start, 503, code, sentence, details={"service": services[0]})

    def _pass_on(self, upstream: Upstream, call: _Call, start: StartResponse) -> Iterable[bytes]:
        """Hand a call to a service and start its answer; the place taken there is given back when all is sent."""
        upstream.take_room()
        try:
            connection, response = _exchange(upstream, call)
        except BaseException:
            upstream.leave_room()
            raise

        def done(complete: bool) -> None:
            if complete and not response.will_close and connection.is_whole:
                upstream.give_back(connection)
            else:
                connection.close()
            upstream.leave_room()

        answer = AnswerBody(response, upstream.name, done)
        try:
            answer.begin()
            headers = headers_for_caller(response.getheaders())
            start(f"{response.status} {response.reason or '-'}", headers)
        except TimeoutError as error:
            answer.close()
            raise ServiceSlowError from error
        except BROKEN as error:
            answer.close()
            raise ServiceLostError from error
        except BaseException:
            answer.close()
            raise
        return answer


def _exchange(upstream: Upstream, call: _Call) -> tuple[Connection, http.client.HTTPResponse]:
    """Send a call and read the head of its answer.

    Raises `ServiceAwayError` when nothing was sent, `ServiceSlowError`, `ServiceLostError`, and what the caller's body
    raises.
    """
    for may_repeat in (call.repeatable, False):
        connection = upstream.take(repeatable=call.repeatable)
        try:
            _send(connection, call)
            return connection, _whole_head(connection.getresponse())
        except TimeoutError as error:
            connection.close()
            raise ServiceSlowError from error
        except BROKEN as error:
            connection.close()
            if not may_repeat:
                raise ServiceLostError from error
            upstream.drop_kept()
        except BaseException:
            connection.close()
            raise
    raise AssertionError("unreachable")


def _whole_head(response: http.client.HTTPResponse) -> http.client.HTTPResponse:
    """Return an answer whose head came to its end. Raises `IncompleteRead`.

    A service that ends while it writes the head leaves what reads as a whole one, without a length and with no body.
    Our services tell the length of each answer or send it in chunks.
    """
    if response.length is None and not response.chunked:
        response.close()
        raise http.client.IncompleteRead(b"")
    return response


def _send(connection: Connection, call: _Call) -> None:
    """Send head and body; a service that answers before it has read all of it is listened to."""
    connection.putrequest(call.method, call.target, skip_host=True, skip_accept_encoding=True)
    for name, value in call.headers:
        connection.putheader(name, value.encode("latin-1"))
    body = call.body
    if body.is_chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    elif body.has_length:
        connection.putheader("Content-Length", str(body.length))
    if body.is_empty:
        connection.endheaders()
        return
    first = True
    for piece in body.pieces():
        framed = b"%x\r\n%b\r\n" % (len(piece), piece) if body.is_chunked else piece
        if first:
            connection.endheaders(framed)  # in one packet with the head, where it fits
        elif not connection.is_quiet:
            connection.is_whole = False
            return
        else:
            connection.send_piece(framed)
        if not connection.is_whole:
            return
        first = False
    if first:
        connection.endheaders()
    if body.is_chunked:
        connection.send_piece(b"0\r\n\r\n")
