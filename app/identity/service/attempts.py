"""How often logging in failed, by name and by address, and how long the next try must wait.

A name waits after its own failures. An address waits after the failures of everybody behind it: a whole office may be
there, so the figure is generous, only failures count, and who is logged in already notices nothing.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict

from app.identity import audit
from app.identity.errors import address_later, login_later
from app.kernel import clock
from app.kernel.errors import EnvironmentFault
from app.storage.database import Book, current_book, execute, fetch_all, fetch_one, lock_suffix, run_unit

logger = logging.getLogger(__name__)

FREE_FAILURES = 5
LOCK_AFTER = 30
LOCK_MS = 30 * 60 * 1000
LONGEST_WAIT_MS = 5 * 60 * 1000
"""After five failures each further try waits twice as long, to five minutes; the thirtieth locks for half an hour."""
WINDOW_MS = 24 * 3600 * 1000
AHEAD_MS = 60 * 1000
"""Computers that serve one book may differ by so much."""

ADDRESS_FAILURES = 100
ADDRESS_WINDOW_MS = 15 * 60 * 1000
"""So many failures within so long, and nobody behind the address logs in until the first of them is that old."""
ADDRESS_LOOK_BACK = 1000
"""So many last tries from an address are looked at, the good ones too: the cost of a login does not grow with years."""
TOKEN_FAILED = "token"  # noqa: S105 - an outcome
REMEMBERED_TOKENS = 1000


def waiting(key: str) -> tuple[int, str]:
    """Return how long a login name must wait (ms; 0: not at all), and why, from its failures since the last success."""
    now = clock.utc_ms()
    # Tries during the lock do not make it longer, and however many they are, they do not hide the failures before them.
    # One from a clock that ran far ahead would hold until then.
    rows = fetch_all(
        "SELECT at, outcome FROM {login_attempt} WHERE login_key = ? AND at > ?"
        " AND (outcome IN ('ok', 'unlocked') OR (outcome <> 'locked' AND at <= ?)) ORDER BY id DESC LIMIT ?",
        (key, now - WINDOW_MS, now + AHEAD_MS, LOCK_AFTER),
    )
    failures: list[int] = []
    for at, outcome in rows:
        if outcome in {"ok", "unlocked"}:
            break
        failures.append(at)
    if len(failures) >= LOCK_AFTER:
        return max(0, failures[0] + LOCK_MS - now), "locked"
    if len(failures) < FREE_FAILURES:
        return 0, ""
    wait = min(LONGEST_WAIT_MS, 1000 << min(20, len(failures) - FREE_FAILURES))
    return max(0, failures[0] + wait - now), "waiting"


def note(key: str, user_id: int | None, outcome: str) -> None:
    """Keep a try to log in, and in the log of changes the failed ones."""
    address = audit.counted_address() or audit.current_address()

    def work() -> None:
        execute(
            "INSERT INTO {login_attempt} (login_key, user_id, at, address, outcome) VALUES (?, ?, ?, ?, ?)",
            (key, user_id, clock.utc_ms(), address, outcome),
        )
        if outcome != "ok":
            audit.record_refusal(None, "identity:session:login", "login", key, f"login_{outcome}")

    run_unit(work)


def settle(key: str, user_id: int | None, outcome: str) -> None:
    """Keep how a try ended that was allowed when it began, unless others failed meanwhile and it had to wait by now.

    Checking a password takes long, and any number may be checked at once, in several processes: they are counted one
    after the other, and whoever asks too often learns nothing from those above the limit. Raises `TooManyRequests`.
    """

    def work() -> int:
        _one_after_the_other()
        wait_ms, why = waiting(key)
        note(key, user_id, why or outcome)
        return wait_ms

    refuse_early(run_unit(work))


def require_allowed(key: str) -> None:
    """Raise `TooManyRequests` when a name must wait by now; call inside the unit of what the password is needed for."""
    _one_after_the_other()
    refuse_early(waiting(key)[0])


def refuse_early(wait_ms: int) -> None:
    """Raise `TooManyRequests` when there is something to wait for."""
    if wait_ms > 0:
        raise login_later(-(-wait_ms // 1000))


def _one_after_the_other() -> None:
    """Keep others from counting until the unit ends: names nobody has take part, so no row of a name would do."""
    fetch_one(f"SELECT id FROM {{user}} WHERE is_owner = 1 ORDER BY id LIMIT 1{lock_suffix()}")


def refuse_crowded_address() -> None:
    """Refuse a login from an address that too many failed from.

    Such a refusal is not kept: whoever goes on trying fills no table, and does not make the others wait longer. Raises
    `TooManyRequests` (`address_later`).
    """
    address = audit.counted_address()
    if not address:
        return
    now = clock.utc_ms()
    rows = fetch_all(
        "SELECT at, outcome FROM {login_attempt} WHERE address = ? ORDER BY id DESC LIMIT ?",
        (address, ADDRESS_LOOK_BACK),
    )
    since = now - ADDRESS_WINDOW_MS
    # a time ahead of ours was kept before the clock was set back; it would count for longer than anybody waits
    failures = [at for at, outcome in rows if outcome not in {"ok", "unlocked"} and since < at <= now]
    if len(failures) >= ADDRESS_FAILURES:
        wait_ms = failures[ADDRESS_FAILURES - 1] + ADDRESS_WINDOW_MS - now
        logger.warning("too many failed logins from %s, the next in %d s", address, -(-wait_ms // 1000))
        raise address_later(max(1, -(-wait_ms // 1000)))


class WrongTokens:
    """Which wrong API tokens came from where: a script with an old one fails over and over, but guesses nothing."""

    def __init__(self, _book: Book) -> None:
        """None has come."""
        self._seen: OrderedDict[tuple[str, bytes], int] = OrderedDict()
        self._lock = threading.Lock()

    def is_new(self, address: str, token: str) -> bool:
        """Tell whether it did not come from there within the time that counts."""
        key = (address, hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest())
        now = clock.utc_ms()
        with self._lock:
            last = self._seen.get(key)
            if last is not None and 0 <= now - last < ADDRESS_WINDOW_MS:
                return False
            self._seen[key] = now
            self._seen.move_to_end(key)
            if len(self._seen) > REMEMBERED_TOKENS:
                self._seen.popitem(last=False)
            return True


def note_wrong_token(token: str) -> None:
    """Count a wrong API token among the failures of its address. Raises `TooManyRequests` (`address_later`)."""
    address = audit.counted_address()
    if not address:
        return
    refuse_crowded_address()
    if current_book().companion(WrongTokens).is_new(address, token):
        try:
            note("", None, TOKEN_FAILED)
        except EnvironmentFault as fault:  # a long import holds the book; the token is refused all the same
            logger.info("a wrong token was not counted: %s", fault.code)
