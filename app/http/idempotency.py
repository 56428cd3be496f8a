"""A repeated change answers with the first result: the change and its answer are one transaction (guarantee 6)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import peewee

from app.kernel.errors import Conflict, MalformedInput
from app.kernel.ids import is_request_id
from app.kernel.text import message
from app.storage.book_clock import book_now_ms, now_term
from app.storage.database import execute, fetch_one, register_table, run_unit

register_table("request", "storage")

Answer = tuple[int, bytes]
KEPT_MS = 90 * 24 * 3600 * 1000
"""How long an answer is kept for a client that tries again."""
NOT_KEPT = "-"
"""Stands in place of an answer that is shown once only; no JSON document reads like this."""


def run_once(
    request_id: str, user_id: int, content: bytes, work: Callable[[], Answer], *, keep_answer: bool = True
) -> Answer:
    """Carry out `work` unless it was carried out under this id before; return status and body of the first answer.

    `content` is everything that makes the request what it is (method, path, body); the same id with another content, or
    from another person, raises `Conflict`. Two at once: the second waits for the first one's transaction. An answer
    that holds a secret is not kept: a repetition is then refused instead.
    """
    if not is_request_id(request_id):
        raise MalformedInput("request_id_malformed", message("request_id 应是一个 UUID。"))
    key = request_id.lower()
    body_hash = hashlib.sha256(b"%d " % user_id + content).hexdigest()

    def unit() -> Answer:
        now, moment = now_term()
        try:
            execute(
                f"INSERT INTO {{request}} (id, body_hash, status, answer, created_at) VALUES (?, ?, 0, '', {now})",
                (key, body_hash, *moment),
            )
        except peewee.IntegrityError:  # it was carried out before
            first = _answered(key, body_hash)
            if first is None:
                raise
            return first
        status, body = work()
        kept = body.decode() if keep_answer else NOT_KEPT
        execute("UPDATE {request} SET status = ?, answer = ? WHERE id = ?", (status, kept, key))
        return status, body

    try:
        return run_unit(unit)
    except Conflict as refused:
        # what was carried out before the book closed is answered still, or its client would send it anew elsewhere
        first = _answered(key, body_hash) if refused.code == "book_moved" else None
        if first is None:
            raise
        return first


def _answered(key: str, body_hash: str) -> Answer | None:
    row = fetch_one("SELECT body_hash, status, answer FROM {request} WHERE id = ?", (key,))
    if row is None:
        return None
    if row[0] != body_hash:
        raise Conflict("request_id_reused", message("这个 request_id 已用于另一个请求，没有再次执行。"))
    if row[2] == NOT_KEPT:
        raise Conflict("answer_shown_once", message("这个请求已经执行过，它的结果只显示一次。"))
    return int(row[1]), str(row[2]).encode()


def forget_old_requests() -> None:
    """Delete answers no client will ask for any more."""
    execute("DELETE FROM {request} WHERE created_at < ?", (book_now_ms() - KEPT_MS,))
