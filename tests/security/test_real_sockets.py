"""The table of the door against real servers: hosts, origins, tokens, sizes, methods, and what a web page could send.

Whatever is sent, nothing is changed by it, nothing of the book is told, and the next caller is served.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.storage.database import open_database
from tests.calling import OWNER_PASSWORD, caller_on, give_owner_login, set_up
from tests.security.crowd import changed, mark
from tests.security.sites import JSON, Header, Reply, Site, desktop_site, gateway_site, keep_no_backups, served_site

SECRET = "只有账里才有的名字"
"""A contact's name: it may stand in no answer to anybody who did not come in."""
BODY = json.dumps({"name": "别的网站加的", "age": 1}).encode()
REFUSED = {400, 401, 403, 404, 405, 411, 413, 414, 415, 417, 421, 431, 501, 0}
MEGABYTE = 1 << 20


@pytest.fixture(scope="module", params=["desktop", "serve", "gunicorn", "gateway"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Iterator[Site]:
    """Each of the servers, over a small book of its own."""
    folder = tmp_path_factory.mktemp(request.param)
    path = Path(shutil.copyfile(empty_file, folder / "book.zhangfang"))
    book = open_database(str(path))
    set_up(book)
    window = caller_on(book)
    assert window.post("/api/contacts", {"name": SECRET, "roles": ["customer"]}).status == 201
    give_owner_login(window)
    session = window.post("/api/login", {"login_name": "boss", "password": OWNER_PASSWORD}).json["token"]
    book.close()
    if request.param == "desktop":
        with desktop_site(path) as running:
            yield replace(running, session=session)
    elif request.param == "gateway":
        with gateway_site(path) as running:
            yield replace(running, session=session)
    else:
        keep_no_backups(request.param, folder)  # nothing in the book changes by itself
        with served_site(request.param, path, folder) as running:
            yield replace(running, session=session)


@pytest.fixture(autouse=True)
def unmoved(site: Site) -> Iterator[None]:
    """After each of these tests the book is as it was, and who may come in is served."""
    before = book_mark(site)
    yield
    assert changed(before, book_mark(site)) == []
    answer = site.ask("GET", "/api/contacts", site.good)
    assert answer.status == 200, answer
    assert SECRET in answer.body.decode()
    assert "Traceback" not in site.log()


def book_mark(site: Site) -> dict[str, str]:
    book = open_database(str(site.path))
    try:
        return mark(book)
    finally:
        book.close()


def refused(answer: Reply, *statuses: int) -> bool:
    """Tell whether an answer is a refusal that tells nothing."""
    told = SECRET.encode() in answer.body or b"Traceback" in answer.body
    return answer.status in (set(statuses) or REFUSED) and not told


def with_host(site: Site, host: str) -> list[Header]:
    return [("Host", host), *site.good[1:]]


# --- hosts ---


def hosts_refused(site: Site) -> list[str]:
    port = site.port
    everywhere = [
        *(
            f"127.0.0.1.evil.com:{port}",
            "127.0.0.1.evil.com",
            f"evil.com:{port}",
            "evil.com",
            f"localhost.evil.com:{port}",
        ),
        *(
            f"user@127.0.0.1:{port}",
            f"127.0.0.1:{port}@evil.com",
            f"127.0.0.1:{port}, evil.com",
            f"evil.com, 127.0.0.1:{port}",
        ),
        *(f"[::1]evil.com:{port}", "[::1", f"127.0.0.1:{port}/", f"127.0.0.1:{port}#", "xn--evil", "..", "127.0.0.1:x"),
        *(f"１２７.0.0.1:{port}", f"2130706433:{port}", f"0x7f000001:{port}", f"evil.com\t127.0.0.1:{port}", ""),
    ]
    strict = [
        *("127.0.0.1", f"127.0.0.1:{port + 1}", f"127.0.0.1:{port}0", f"localhost:{port}", f"LOCALHOST:{port}"),
        *(f"127.0.0.1.:{port}", f"[::1]:{port}", f"127.1:{port}", f"0.0.0.0:{port}", f"[::ffff:127.0.0.1]:{port}"),
    ]
    return everywhere + (strict if site.kind == "desktop" else [])


def test_a_name_that_is_not_ours_is_refused(site: Site) -> None:
    for host in hosts_refused(site):
        for target in ("/api/contacts", "/api/health", "/nowhere"):
            answer = site.ask("GET", target, with_host(site, host))
            itself = {404} if site.kind == "gateway" and target == "/nowhere" else set()  # no service has it
            assert refused(answer, 400, 403, 421, *itself), (host, target, answer)


def test_names_that_are_ours_are_served(site: Site) -> None:
    port = site.port
    names = [f"127.0.0.1:{port}"]
    if site.kind != "desktop":
        names += [
            f"localhost:{port}",
            f"LOCALHOST:{port}",
            f"localhost.:{port}",
            f"[::1]:{port}",
            "127.0.0.1",
            "10.0.0.5:80",
        ]
    for host in names:
        assert site.ask("GET", "/api/contacts", with_host(site, host)).status == 200, host


def test_a_request_with_two_names_or_none_is_refused(site: Site) -> None:
    authorization = site.good[1]
    twice: list[list[Header]] = [
        [("Host", site.host), ("Host", "evil.com"), authorization],
        [("Host", "evil.com"), ("Host", site.host), authorization],
        [("Host", site.host), ("host", site.host), authorization],
        [authorization],
    ]
    for headers in twice:
        assert refused(site.ask("GET", "/api/contacts", headers)), headers
    old = f"GET /api/contacts HTTP/1.0\r\nAuthorization: {site.bearer}\r\n\r\n"
    assert refused(site.send(old.encode()))


def test_a_whole_url_as_target_names_no_other_host(site: Site) -> None:
    for target in ("http://evil.com/api/contacts", "http://evil.com:80/", "//evil.com/api/contacts", "evil.com:443"):
        answer = site.ask("GET", target, [("Host", "evil.com"), site.good[1]])
        assert refused(answer), (target, answer)
        assert "evil.com" not in answer.header("Location")


# --- origins ---


def test_a_change_for_another_site_is_refused(site: Site) -> None:
    port = site.port
    origins = [
        "null",
        "file://",
        "https://evil.com",
        f"http://evil.com:{port}",
        f"http://127.0.0.1:{port + 1}",
        "http://127.0.0.1",
    ]
    origins += [
        f"http://127.0.0.1:{port}.evil.com",
        f"http://127.0.0.1:{port}@evil.com",
        f"http://evil.com#127.0.0.1:{port}",
        "",
    ]
    origins += ["chrome-extension://abc", f"127.0.0.1:{port}", "*"]
    for origin in origins:
        answer = site.ask("POST", "/api/users", [*site.good, JSON, ("Origin", origin)], BODY)
        assert refused(answer, 403), (origin, answer)
    for value in ("cross-site", "same-site", "weird"):
        answer = site.ask("POST", "/api/users", [*site.good, JSON, ("Sec-Fetch-Site", value)], BODY)
        assert refused(answer, 403), (value, answer)


def test_no_site_is_told_that_it_may_read(site: Site) -> None:
    for headers in ([("Origin", "https://evil.com")], [("Origin", "null"), ("Access-Control-Request-Method", "POST")]):
        for method in ("GET", "OPTIONS"):
            answer = site.ask(method, "/api/health", [*site.good, *headers])
            assert "access-control" not in answer.head.lower()
            assert answer.status in REFUSED | {200}


# --- tokens ---


def test_only_the_token_itself_opens(site: Site) -> None:
    token = site.bearer.removeprefix("Bearer ")
    wrong = [
        *(
            "",
            "Bearer",
            f"Basic {token}",
            f"Digest {token}",
            token,
            f"Bearer {token}x",
            f"Bearer {token[:-1]}",
            f"Bearer x{token}",
        ),
        *(f"Bearer {token.swapcase()}", "Bearer 令牌", f"Bearer {token}, Bearer {token}", f"Bearer {token} {token}"),
        *(
            f'Bearer "{token}"',
            f"Bearer\xa0{token}",
            "Bearer " + "A" * 5000,
            f"Bearer={token}",
            "Bearer %",
            "Bearer None",
        ),
    ]
    for value in wrong:
        answer = site.ask("GET", "/api/contacts", [("Host", site.host), ("Authorization", value)])
        assert refused(answer, 400, 401), (value, answer)
    twice = [("Host", site.host), ("Authorization", "Bearer wrong"), ("Authorization", site.bearer)]
    assert refused(site.ask("GET", "/api/contacts", twice))
    assert refused(site.ask("GET", "/api/contacts", [twice[0], twice[2], twice[1]]))
    elsewhere: list[list[Header]] = [
        [("Cookie", f"zhangfang_session={token}")],
        [("X-Zhangfang-Session", token)],
        [("Proxy-Authorization", site.bearer)],
        [("X-Authorization", site.bearer)],
    ]
    for headers in elsewhere:
        assert refused(site.ask("GET", f"/api/contacts?token={token}", [("Host", site.host), *headers]), 401), headers


# --- sizes ---


def test_bodies_over_the_limit_are_refused(site: Site) -> None:
    large = b'{"name": "' + b"x" * (8 * MEGABYTE) + b'"}'
    assert refused(site.ask("POST", "/api/users", [*site.good, JSON], large), 413)
    for announced in (str(1 << 30), str(1 << 40), "9" * 30):
        answer = site.ask("POST", "/api/users", [*site.good, JSON, ("Content-Length", announced)], b"{", unsaid=True)
        assert refused(answer, 400, 413), (announced, answer)
    part = [*site.good, ("Content-Type", "application/octet-stream")]
    assert refused(site.ask("PUT", "/api/uploads/x/0", part, b"x" * (4 * MEGABYTE + 1)), 413)
    assert site.ask("PUT", "/api/uploads/x/0", part, b"x" * (4 * MEGABYTE)).status == 404


def chunked(*pieces: bytes) -> bytes:
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\n\r\n"


def test_chunked_bodies_over_the_limit_are_refused(site: Site) -> None:
    wave = [("Transfer-Encoding", "chunked")]
    answer = site.ask("POST", "/api/users", [*site.good, JSON, *wave], chunked(*[b"x" * MEGABYTE] * 10), unsaid=True)
    assert refused(answer, 413), answer
    raw = [*site.good, ("Content-Type", "application/octet-stream"), *wave]
    answer = site.ask("PUT", "/api/uploads/x/0", raw, chunked(b"x" * (4 * MEGABYTE + 1)), unsaid=True)
    assert refused(answer, 413), answer
    small = site.ask("POST", "/api/users", [*site.good, JSON, *wave], chunked(b'{"na', b'me": 1}'), unsaid=True)
    assert (small.status, json.loads(small.body)["code"]) == (400, "fields_malformed")


def test_lengths_that_lie_are_no_way_in(site: Site) -> None:
    """What could be read as two requests by two servers is refused by ours, or ends its connection."""
    hidden = f"GET /api/contacts HTTP/1.1\r\nHost: {site.host}\r\nAuthorization: {site.bearer}\r\n\r\n".encode()
    lies: list[tuple[list[Header], bytes]] = [
        ([("Content-Length", "3"), ("Content-Length", "30")], b"abc"),
        ([("Content-Length", "3, 30")], b"abc"),
        ([("Content-Length", "-1")], b"{}"),
        ([("Content-Length", "+2")], b"{}"),
        ([("Content-Length", "0x2")], b"{}"),
        ([("Content-Length", "２")], b"{}"),
        ([("Content-Length", "4"), ("Transfer-Encoding", "chunked")], b"0\r\n\r\n" + hidden),
        ([("Transfer-Encoding", "xchunked")], b"0\r\n\r\n" + hidden),
        ([("Transfer-Encoding", "chunked, identity")], b"0\r\n\r\n" + hidden),
        ([("Transfer-Encoding", "chunked")], b"zz\r\n{}\r\n0\r\n\r\n"),
        ([("Transfer-Encoding", "chunked")], b"-2\r\n{}\r\n0\r\n\r\n"),
        ([("Transfer-Encoding", "chunked")], b"ffffffffffffffff\r\n{}\r\n"),
        ([("Transfer-Encoding", "chunked")], b"2;" + b"x" * 900 + b"\r\n{}\r\n0\r\n\r\n"),
    ]
    for headers, body in lies:
        # a server may wait for more of such a body
        answer = site.ask("POST", "/api/users", [("Host", site.host), JSON, *headers], body, unsaid=True, timeout_s=0.5)
        assert refused(answer), (headers, answer)


def test_heads_that_are_too_large_or_none_are_refused(site: Site) -> None:
    start = f"GET /api/contacts HTTP/1.1\r\nHost: {site.host}\r\n"
    heads = [
        start + f"X: {'x' * MEGABYTE}\r\n\r\n",
        start + "".join(f"X-{number}: y\r\n" for number in range(10_000)) + "\r\n",
        f"GET /{'x' * MEGABYTE} HTTP/1.1\r\nHost: {site.host}\r\n\r\n",
        f"GET /api/contacts?q={'x' * 100_000} HTTP/1.1\r\nHost: {site.host}\r\n\r\n",
        start + "X y: z\r\n\r\n",
        start + ": z\r\n\r\n",
        start + "X\x00: z\r\n\r\n",
        start.replace("Host: ", "Host : ") + "\r\n",
        "GET\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        f"GET /api/contacts HTTP/9.9\r\nHost: {site.host}\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]
    for head in heads:
        answer = site.send(head.encode("latin-1"))
        assert refused(answer), (head[:60], answer.status, answer.body[:200])


# --- methods ---


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "OPTIONS", "PROPFIND", "get", "Post", "G@T", "X" * 3000])
def test_other_methods_are_refused_and_echo_nothing(site: Site, method: str) -> None:
    for target in ("/api/contacts", "/api/users", "*"):
        answer = site.ask(method, target, [*site.good, ("X-Canary", "canary-value")])
        assert refused(answer), (target, answer)
        assert "canary-value" not in answer.head + answer.body.decode("utf-8", "replace")


def test_head_of_a_writer_writes_nothing(site: Site) -> None:
    for target in ("/api/logout", "/api/backups", "/api/users/1/unlock", "/login", "/password"):
        answer = site.ask("HEAD", target, site.good)
        assert answer.status in REFUSED | {200, 302}
        assert answer.body == b""
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        answer = site.ask("GET", "/api/contacts", [*site.good, (name, "POST")], b"")
        assert answer.status == 200


# --- what a web page on this computer could send ---

FORM: Header = ("Content-Type", "application/x-www-form-urlencoded")
EVIL: Header = ("Origin", "https://evil.com")
NAVIGATION: list[Header] = [
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
]
PICTURE: list[Header] = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")]
UPGRADE: list[Header] = [
    *(("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")),
    *(("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), EVIL),
]
PAGE_REQUESTS: list[tuple[str, str, list[Header], bytes]] = [
    ("POST", "/api/users", [("Content-Type", "text/plain"), EVIL], BODY),
    ("POST", "/api/users", [("Content-Type", "text/plain;charset=UTF-8"), *PICTURE, EVIL], BODY),
    ("POST", "/api/users", [("Content-Type", "text/plain")], BODY),
    ("POST", "/api/users", [FORM, EVIL, *NAVIGATION], b"name=x&age=1"),
    ("POST", "/api/users", [FORM], b'{"name": "x", "age": 1, "a": "=b"}'),
    ("POST", "/api/users", [("Content-Type", "multipart/form-data; boundary=x")], b"--x\r\n\r\n{}\r\n--x--"),
    ("POST", "/api/users", [], BODY),
    ("POST", "/api/logout", [EVIL], b""),
    ("POST", "/api/logout", [], b""),
    ("GET", "/api/contacts", PICTURE, b""),
    ("GET", "/api/contacts", NAVIGATION, b""),
    ("GET", "/api/contacts", [], b""),
    ("GET", "/api/contacts", [("Referer", "https://evil.com/")], b""),
    ("GET", "/api/contacts?callback=steal", PICTURE, b""),
    ("GET", "/api/contacts", UPGRADE, b""),
    ("DELETE", "/api/contacts/1", [EVIL], b""),
    ("POST", "/login", [FORM, EVIL], b"login_name=boss&password=x&csrf=x"),
    ("POST", "/logout", [FORM], b"csrf="),
    ("POST", "/password", [FORM], b"old_password=&new_password=hunter2hunter2&repeat_password=hunter2hunter2&csrf="),
]


def test_a_web_page_changes_nothing_and_reads_nothing(site: Site) -> None:
    """By its own name that leads here (rebinding), or by our address; it has neither token nor session."""
    for host in (site.host, f"evil.com:{site.port}", f"localhost:{site.port}"):
        for method, target, headers, body in PAGE_REQUESTS:
            answer = site.ask(method, target, [("Host", host), *headers], body)
            to_login = answer.status == 302 and answer.header("Location") == "/login"
            assert refused(answer) or to_login, (host, method, target, answer)
            assert "access-control" not in answer.head.lower()
            assert answer.status != 101


def test_a_cookie_that_another_site_made_a_browser_send_changes_nothing(site: Site) -> None:
    """Browsers keep SameSite cookies at home; one that does not, or a page on our own host, still has no CSRF value."""
    if site.kind == "desktop":
        assert refused(site.ask("GET", "/api/contacts", [("Host", site.host), ("Cookie", "zhangfang_session=x")]), 401)
        return
    cookie: Header = ("Cookie", f"zhangfang_session={site.session}")
    assert site.ask("GET", "/api/contacts", [("Host", site.host), cookie]).status == 200
    for method, target, headers, body in PAGE_REQUESTS:
        if method != "GET":
            answer = site.ask(method, target, [("Host", site.host), cookie, *headers], body)
            assert refused(answer, 400, 401, 403, 415), (method, target, headers, answer)
    json_too = [("Host", site.host), cookie, JSON]
    for value in ("", "x", site.session):
        assert refused(site.ask("POST", "/api/users", [*json_too, ("X-CSRF-Token", value)], BODY), 403)


def test_a_page_learns_nothing_from_who_answers(site: Site) -> None:
    """The desktop does not even say what it is; a served copy says no more than that it is one."""
    answer = site.ask("GET", "/api/health", [("Host", site.host)])
    if site.kind == "desktop":
        assert refused(answer, 401)
        assert "账房" not in answer.body.decode()
    assert "waitress" not in answer.head.lower()
    assert "python" not in answer.head.lower()
