"""Password hashes: argon2id, salted, tuned so that a login costs well under 150 ms."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.contract.identity import MIN_PASSWORD_LENGTH
from app.kernel.errors import MalformedInput
from app.kernel.text import message

TIME_COST = 2
MEMORY_KIB = 32 * 1024
PARALLELISM = 1


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=PARALLELISM)


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody has this password")


def hash_password(password: str, *, field: str = "password") -> str:
    """Return the salted hash of a new password. Raises `MalformedInput` when it is too short.

    The password is taken as typed: nothing is trimmed, escaped or normalised.
    """
    if len(password) < MIN_PASSWORD_LENGTH:
        sentence = message("密码至少要有 {length} 个字符。", length=MIN_PASSWORD_LENGTH)
        raise MalformedInput("password_too_short", sentence, fields={field: sentence})
    return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Tell whether the password is right. Without a hash the answer is no, after the same work."""
    typed = password.encode("utf-8", "surrogatepass")
    try:
        _hasher().verify(password_hash or _nobodys_hash(), typed)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Tell whether the hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(password_hash)
