"""API tokens: another program acts as a person, with all of his rights or some of them."""

from __future__ import annotations

import secrets

import orjson

from app.contract.identity import ApiTokenCreated, ApiTokenInput
from app.identity import audit
from app.identity.actor import Actor
from app.identity.queries.actors import person_as_actor
from app.identity.queries.people import actor_of
from app.identity.queries.rights import read_token
from app.identity.service.access import SEEN_EVERY_MS, hash_token, logger
from app.identity.service.granting import require_grantable, require_not_above
from app.kernel import clock
from app.kernel.errors import EnvironmentFault, MalformedInput, RuleBroken
from app.kernel.text import clean_text, message
from app.storage.database import execute, fetch_all, fetch_one, insert_returning_id, run_unit

PREFIX = "zf_"
"""Makes a token recognisable where one is found by accident."""


def create_token(actor: Actor, new: ApiTokenInput) -> ApiTokenCreated:
    """Make a token and return it, this once; the book keeps its hash.

    Raises `MalformedInput` for an unknown person or right, `PermissionDenied` for a person with more rights than the
    actor, or a right the actor lacks.
    """
    actor.require("identity:token:add")
    token = PREFIX + secrets.token_urlsafe(32)

    def work() -> ApiTokenCreated:
        user_id = actor.user_id if new.user_id is None else new.user_id
        if actor_of(user_id) is None:
            sentence = message("没有编号为 {number} 的在用用户。", number=user_id)
            raise MalformedInput("user_unknown", sentence, fields={"user_id": sentence})
        if new.scope is None or user_id != actor.user_id:
            require_not_above(actor, user_id)
        scope = _scope(actor, new.scope)
        if new.expires_at is not None and new.expires_at <= clock.utc_ms():
            sentence = message("到期时间已经过去。")
            raise MalformedInput("expiry_past", sentence, fields={"expires_at": sentence})
        token_id = insert_returning_id(
            "INSERT INTO {api_token} (token_hash, user_id, name, scope, created_at, created_by, expires_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                hash_token(token),
                user_id,
                clean_text(new.name),
                None if scope is None else orjson.dumps(scope).decode(),
                clock.utc_ms(),
                actor.user_id,
                new.expires_at,
            ),
        )
        audit.record(actor, "identity:token:add", "api_token", token_id, after=read_token(token_id))
        return ApiTokenCreated(id=token_id, token=token)

    return run_unit(work)


def _scope(actor: Actor, scope: list[str] | None) -> list[str] | None:
    if scope is None:
        return None
    known = {row[0] for row in fetch_all("SELECT code FROM {permission} WHERE active = 1")}
    if set(scope) - known:
        sentence = message("有不认识的权限。")
        raise MalformedInput("permission_unknown", sentence, fields={"scope": sentence})
    require_grantable(actor, scope)
    return sorted(set(scope))


def revoke_token(actor: Actor, token_id: int) -> None:
    """Make a token worthless at once. Everybody may revoke his own.

    Raises `NotFound`, `PermissionDenied`, `RuleBroken` the second time.
    """

    def work() -> None:
        before = read_token(token_id)
        if before.user_id != actor.user_id:
            actor.require("identity:token:remove")
        require_not_above(actor, before.user_id)
        if before.revoked_at is not None:
            raise RuleBroken("token_revoked", message("这个令牌已经作废。"))
        execute("UPDATE {api_token} SET revoked_at = ? WHERE id = ?", (clock.utc_ms(), token_id))
        audit.record(actor, "identity:token:remove", "api_token", token_id, before=before)

    run_unit(work)


def actor_of_token(token: str) -> Actor | None:
    """Return who a token acts as now, with the rights of its scope; `None` when it is unknown, revoked or expired.

    One that somebody else made never does more than that person may: its maker knows it, and would rise with whom it
    was made for.
    """
    now = clock.utc_ms()
    row = fetch_one(
        "SELECT id, user_id, scope, expires_at, last_used_at, created_by FROM {api_token} "
        "WHERE token_hash = ? AND revoked_at IS NULL",
        (hash_token(token),),
    )
    if row is None or (row[3] is not None and now >= row[3]):
        return None
    actor = actor_of(row[1])
    if actor is None:
        return None
    if row[4] is None or now - row[4] > SEEN_EVERY_MS:
        try:
            run_unit(lambda: execute("UPDATE {api_token} SET last_used_at = ? WHERE id = ?", (now, row[0])))
        except EnvironmentFault as fault:  # a long import holds the book: noted a little later, then
            logger.info("token %s was not marked as used: %s", row[0], fault)
    maker = None if row[5] == row[1] else person_as_actor(row[5])
    if maker is not None and not maker.is_owner:
        actor = _limited(actor, maker.permissions)
    return actor if row[2] is None else _limited(actor, frozenset(orjson.loads(row[2])))


def _limited(actor: Actor, rights: frozenset[str]) -> Actor:
    return Actor(actor.user_id, actor.name, rights if actor.is_owner else rights & actor.permissions)
