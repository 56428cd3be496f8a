"""The signed version file: what it says, and whether the person who serves it really wrote it.

The file is text, so that anybody can read what is offered:

    zhangfang-version 1
    <the Ed25519 signature, 64 bytes in base64>
    {"program": "zhangfang", "version": "0.2.0", "released": "2026-12-01", "expires": "2027-12-01",
     "changes": {"zh": ["…"], "en": ["…"]}, "link": "https://…"}

Signed are the exact bytes of the first line with its line end and of everything after the second line: nothing is
decoded, and no JSON is read, before the signature is known to be right. docs/releasing.md has the file's reference.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import ipaddress
import json
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.errors import MalformedInput, RuleBroken, ZhangfangError
from app.kernel.text import Message, message
from app.version import PROGRAM

MAX_FILE_BYTES = 64 * 1024
FIRST_LINE = b"zhangfang-version 1\n"
SIGNATURE_BYTES = 64
BUILT_IN_KEY = ""
"""The public key that counts where the user gives none; who releases the program may set it, docs/releasing.md."""
KEY_BYTES = 32
MAX_CHANGES = 20
MAX_CHANGE_LENGTH = 300
MAX_URL_LENGTH = 500

_NUMBER = r"(?:0|[1-9][0-9]{0,3})"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}\Z")
_HOST = re.compile(r"[A-Za-z0-9.:-]+\Z")
_UNSAFE = re.compile(r"[^!-~]")


@dataclass(frozen=True, slots=True)
class VersionNotice:
    """What a version file offers. `changes` has a list of sentences for `zh` and `en`; `link` may be empty."""

    version: str
    released: datetime.date
    expires: datetime.date
    changes: Mapping[str, tuple[str, ...]]
    link: str = ""


def version_numbers(version: str) -> tuple[int, int, int]:
    """Return `0.12.3` as (0, 12, 3), for comparing. Raises `ValueError` for anything but three plain numbers."""
    if not _VERSION.match(version):
        raise ValueError(f"not a version: {version!r}")
    first, second, third = (int(number) for number in version.split("."))
    return first, second, third


def is_newer(version: str, than: str) -> bool:
    """Tell whether a version comes after another. Raises `ValueError` as `version_numbers`."""
    return version_numbers(version) > version_numbers(than)


def checked_key(typed: str) -> str:
    """Return a public key as it is kept: 32 bytes in base64. Raises `MalformedInput` with the field's sentence."""
    text = "".join(typed.split())
    if len(_from_base64(text) or b"") != KEY_BYTES:
        raise MalformedInput(
            "update_key_malformed",
            message("签名公钥应是 44 个字符，以“=”结尾，请从提供程序的人那里完整复制。"),
        )
    return text


def checked_url(typed: str) -> str:
    """Return the address of a version file as it is kept. Raises `MalformedInput` with the field's sentence.

    Only https; http where the host is written as an address of this computer or the local network, where certificates
    are rare and the signature protects what is read anyway. No query, for nothing is to be told to the server.
    """
    text = typed.strip()
    parts = split_url(text)
    if parts is None or parts.scheme not in {"https", "http"}:
        raise MalformedInput(
            "update_url_malformed", message("请填写版本文件的完整地址，如：https://example.com/zhangfang/version.txt")
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise MalformedInput(
            "update_url_tells", message("版本文件的地址里不能有用户名、“?”或“#”：检查新版本时不向服务器发送任何资料。")
        )
    if parts.scheme == "http" and not is_near(parts.hostname or ""):
        raise MalformedInput(
            "update_url_insecure",
            message("版本文件的地址要以 https:// 开头；只有本机和局域网的 IP 地址可以用 http://。"),
        )
    return text


def checked_link(text: str) -> str:
    """Return a link that may be shown and opened: empty, or plain https. Raises `ValueError`.

    It may lead to another host than the version file: who signs answers for it, whoever serves it does not. All of it
    is visible ASCII, so what is shown is what is opened.
    """
    parts = split_url(text) if text else None
    if text and (parts is None or parts.scheme != "https" or parts.username is not None):
        raise ValueError("not a link")
    return text


def is_near(host: str) -> bool:
    """Tell whether a host is written as an address of this computer or of the local network."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private or address.is_link_local


def split_url(text: str) -> urllib.parse.SplitResult | None:
    """Return the parts of a URL with a host, in visible ASCII; else `None`."""
    if _UNSAFE.search(text) or "\\" in text or len(text) > MAX_URL_LENGTH:
        return None
    try:
        parts = urllib.parse.urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    return parts if _HOST.match(host) and port != 0 else None


def read_notice(data: bytes, key: str) -> VersionNotice:
    """Return what a version file says, once its signature is right.

    Raises `RuleBroken`: `update_malformed` for a file of another kind or with parts missing, `update_signature` where
    the key did not sign these bytes. Whether it is still valid and not a step back is `admit_notice`'s question.
    """
    if len(data) > MAX_FILE_BYTES:
        raise malformed(message("文件太大"))
    if not data.startswith(FIRST_LINE):
        raise malformed(message("第一行不对"))
    line, separator, payload = data[len(FIRST_LINE) :].partition(b"\n")
    signature = _from_base64(line.decode("ascii", errors="replace"))
    if not separator or signature is None or len(signature) != SIGNATURE_BYTES:
        raise malformed(message("第二行不是签名"))
    _verify(signature, signed_bytes(payload), key)
    return _read_payload(payload)


def admit_notice(notice: VersionNotice, *, seen: str, today: datetime.date) -> None:
    """Refuse a genuine file that is out of date, or older than one seen before: somebody may be replaying it.

    `seen` is the highest version seen so far, or empty. Raises `RuleBroken`: `update_expired`, `update_rolled_back`.
    """
    if seen and is_newer(seen, notice.version):
        raise RuleBroken(
            "update_rolled_back",
            message(
                "版本文件说最新版是 {version}，可是以前见过更新的 {seen}：可能有人换上了旧文件，请问提供程序的人。",
                version=notice.version,
                seen=seen,
            ),
        )
    if notice.expires < today:
        raise RuleBroken(
            "update_expired",
            message(
                "版本文件在 {date} 已过期：可能是旧文件，也可能是这台电脑的日期不对。", date=notice.expires.isoformat()
            ),
        )


def signed_bytes(payload: bytes) -> bytes:
    """Return what is signed for a payload; the first line keeps a signature from counting for another kind of file."""
    return FIRST_LINE + payload


def malformed(what: Message) -> ZhangfangError:
    """Return the error of a file that is not what it should be."""
    return RuleBroken("update_malformed", message("这不是账房的版本文件：{what}。", what=what))


def _verify(signature: bytes, data: bytes, key: str) -> None:
    # Takes a while to import, and few ever need it.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(checked_key(key))).verify(signature, data)
    except InvalidSignature as error:
        raise RuleBroken(
            "update_signature",
            message("版本文件的签名不对：文件被改动过，或者公钥不是签名人的。没有采用其中任何内容。"),
        ) from error


def _read_payload(payload: bytes) -> VersionNotice:
    values = _read_json(payload)
    if values.get("program") != PROGRAM:
        raise malformed(message("不是账房的"))
    version = values.get("version")
    if not isinstance(version, str) or not _VERSION.match(version):
        raise malformed(message("版本号不对"))
    link = values.get("link", "")
    try:
        link = checked_link(link if isinstance(link, str) else "?")
    except ValueError as error:
        raise malformed(message("链接不对")) from error
    released, expires = _read_date(values.get("released")), _read_date(values.get("expires"))
    return VersionNotice(version, released, expires, _read_changes(values.get("changes")), link)


def _read_json(payload: bytes) -> dict[str, object]:
    def no_name_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name stands twice")
        return dict(pairs)

    try:
        values = json.loads(payload.decode("utf-8"), object_pairs_hook=no_name_twice)
    except (ValueError, RecursionError) as error:
        raise malformed(message("内容不是 JSON")) from error
    if not isinstance(values, dict):
        raise malformed(message("内容不是 JSON"))
    return values


def _read_date(value: object) -> datetime.date:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError as error:
            raise malformed(message("日期不对")) from error
    raise malformed(message("日期不对"))


def _read_changes(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not {"zh", "en"} <= value.keys():
        raise malformed(message("更新内容不对"))
    changes: dict[str, tuple[str, ...]] = {}
    for language in ("zh", "en"):
        sentences = value[language]
        if not isinstance(sentences, list) or not 0 < len(sentences) <= MAX_CHANGES:
            raise malformed(message("更新内容不对"))
        for sentence in sentences:
            # Printable: no control characters, and nothing that turns the direction of writing around.
            if not isinstance(sentence, str) or not sentence.isprintable() or len(sentence) > MAX_CHANGE_LENGTH:
                raise malformed(message("更新内容不对"))
        changes[language] = tuple(sentences)
    return changes


def _from_base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
