"""Where the password of a shared database comes from: given, the environment, the system's own store."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from app.kernel.errors import EnvironmentFault
from app.kernel.text import message
from app.settings import portable_folder

if TYPE_CHECKING:
    from app.storage.address import BookAddress

logger = logging.getLogger(__name__)

KEYRING_SERVICE = "zhangfang"


def with_password(address: str, password: str | None) -> BookAddress:
    """Return the address with its password; raises `EnvironmentFault` (`password_needed`) where there is none."""
    from app.storage.address import parse_address

    parsed = parse_address(address, password)
    if parsed.kind == "sqlite" or parsed.password is not None:
        return parsed
    kept = os.environ.get("ZHANGFANG_DB_PASSWORD") or (None if portable_folder() else _kept_password(parsed))
    if kept is None:
        raise EnvironmentFault("password_needed", message("请输入数据库 {address} 的密码。", address=parsed))
    return parse_address(address, kept)


def _kept_password(address: BookAddress) -> str | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(KEYRING_SERVICE, address.place)
    except (KeyringError, RuntimeError, OSError) as error:  # no store on this system, or it stays locked
        logger.info("the system's password store does not answer: %s", error)
        return None


def keep_password(address: BookAddress, password: str) -> None:
    """Give the password to the system's store; without one, and in portable mode, it is asked for again next time.

    The store belongs to the computer: a portable program leaves nothing on it, and a stick that can be lost is no place
    for a password.
    """
    if portable_folder():
        return
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(KEYRING_SERVICE, address.place, password)
    except (KeyringError, RuntimeError, OSError) as error:
        logger.info("the system's password store did not keep the password: %s", error)
