"""Makes the signed version file that programs may look at once a day; docs/releasing.md tells when and how.

    python build/sign_version.py new-key  ~/keys/zhangfang.pem
    python build/sign_version.py sign     ~/keys/zhangfang.pem out/release/version.txt --released 2026-12-01 --link https://…
    python build/sign_version.py verify   <public key> out/release/version.txt

The private key never lies in the project's folder: it is refused there. Version and changes come from app/version.py
and CHANGELOG.md, so the file cannot promise something else than the release.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import getpass
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cryptography.exceptions import UnsupportedAlgorithm  # noqa: E402
from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402

from app.client.update_notice import (  # noqa: E402
    FIRST_LINE,
    MAX_CHANGE_LENGTH,
    VersionNotice,
    admit_notice,
    read_notice,
    signed_bytes,
)
from app.kernel.errors import ZhangfangError  # noqa: E402
from app.resources import catalogue  # noqa: E402
from app.version import PROGRAM, VERSION  # noqa: E402

VALID_DAYS = 400
"""A release a year keeps programs content; after that they say that the file has expired."""
PASSPHRASE_VARIABLE = "ZHANGFANG_KEY_PASSPHRASE"  # noqa: S105  # the name of a variable


class SigningError(Exception):
    """Nothing was written; the text says why and what to do."""


# --- keys -------------------------------------------------------------------------------------------------------------


def new_key(path: Path, passphrase: str) -> str:
    """Write a new private key, readable by nobody else, and return the public one.

    Raises `SigningError` inside the project's folder and where a file is already: a key that is overwritten is lost,
    and with it the way to every program that trusts it.
    """
    require_outside(path)
    key = Ed25519PrivateKey.generate()
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode("utf-8"))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise SigningError(f"{path} is there already; a key is never overwritten, choose another name") from error
    except OSError as error:
        raise SigningError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
    return public_text(key)


def read_key(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """Read a private key. Raises `SigningError`, also for one that lies inside the project's folder."""
    require_outside(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode("utf-8") or None)
    except OSError as error:
        raise SigningError(f"{path} cannot be read: {error.strerror}") from error
    except TypeError as error:
        raise SigningError(f"{path}: give --passphrase for a key that has one, and leave it out for others") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SigningError(f"{path} is no private key, or the passphrase is wrong") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(f"{path} is a key of another kind; make one with new-key")
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public key as users type it into the settings."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii")


def require_outside(path: Path) -> None:
    """Refuse a key inside the project's folder, where it would be committed or packed one day."""
    if path.resolve().is_relative_to(ROOT):
        raise SigningError(f"{path} lies inside the project; keep private keys elsewhere, on a machine of your own")


# --- the file ---------------------------------------------------------------------------------------------------------


def changes_of(changelog: str, version: str) -> dict[str, list[str]]:
    """Return what changed in a version: the Chinese bullets, and the English paragraph cut at its semicolons.

    Raises `SigningError` where the version has no section, or one language is missing.
    """
    match = re.search(rf"^## {re.escape(version)}\s*$(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if match is None:
        raise SigningError(f"CHANGELOG.md has no section “## {version}”; write what changed first")
    section = match[1]
    chinese = [" ".join(item.split()) for item in re.findall(r"^- (.+(?:\n  .+)*)", section, re.MULTILINE)]
    english = [
        " ".join(part.split()) for part in ";".join(re.findall(r"^\*([^*]+)\*", section, re.MULTILINE)).split(";")
    ]
    english = [part[:1].upper() + part[1:].rstrip(".") for part in english if part]
    if not chinese or not english:
        raise SigningError(f"CHANGELOG.md, {version}: wanted are Chinese lines with “- ” and an English *paragraph*")
    for sentence in (*chinese, *english):
        if len(sentence) > MAX_CHANGE_LENGTH:
            raise SigningError(f"CHANGELOG.md, {version}: longer than {MAX_CHANGE_LENGTH} characters: {sentence[:40]}…")
    return {"zh": chinese, "en": english}


def signed_file(key: Ed25519PrivateKey, notice: dict[str, object]) -> bytes:
    """Return the file for these values, after reading it back as a program would. Raises `SigningError`."""
    payload = json.dumps(notice, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"
    data = FIRST_LINE + base64.b64encode(key.sign(signed_bytes(payload))) + b"\n" + payload
    checked(data, public_text(key))
    return data


def checked(data: bytes, public_key: str) -> VersionNotice:
    """Return what a program would read in a file today. Raises `SigningError` where it would refuse it."""
    try:
        notice = read_notice(data, public_key)
        admit_notice(notice, seen="", today=today())
    except ZhangfangError as error:
        raise SigningError(error.message.render(catalogue("en"))) from error
    return notice


def today() -> datetime.date:
    """Return the day programs compare with, in UTC."""
    return datetime.datetime.now(datetime.UTC).date()


# --- the command line -------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """Run from the command line; 0 done, 1 refused with one sentence on standard error."""
    given = _parser().parse_args(arguments)
    try:
        sys.stdout.write(given.run(given) + "\n")
    except SigningError as error:
        sys.stderr.write(f"sign_version: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sign_version.py", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(required=True)
    making = commands.add_parser("new-key", help="make a private key and print the public one")
    making.add_argument("key", type=Path, help="file for the private key, outside the project")
    making.add_argument("--passphrase", action="store_true", help=f"ask for one, or take it from {PASSPHRASE_VARIABLE}")
    making.set_defaults(run=_new_key)
    signing = commands.add_parser("sign", help="write the version file of this release")
    signing.add_argument("key", type=Path, help="the private key")
    signing.add_argument("file", type=Path, help="the version file to write")
    signing.add_argument("--released", required=True, metavar="DATE", help="day of the release, 2026-12-01")
    signing.add_argument(
        "--days", type=int, default=VALID_DAYS, help=f"how long it is valid from then on ({VALID_DAYS})"
    )
    signing.add_argument("--link", default="", help="https page with the downloads")
    signing.add_argument("--passphrase", action="store_true", help="the key has one")
    signing.set_defaults(run=_sign)
    verifying = commands.add_parser("verify", help="read a version file as programs do")
    verifying.add_argument("public_key", help="the public key, or a private key's file")
    verifying.add_argument("file", type=Path, help="the version file")
    verifying.add_argument("--passphrase", action="store_true", help="the key has one")
    verifying.set_defaults(run=_verify)
    return parser


def _new_key(given: argparse.Namespace) -> str:
    return f"public key: {new_key(given.key, _passphrase(given))}"


def _sign(given: argparse.Namespace) -> str:
    key = read_key(given.key, _passphrase(given))
    try:
        released = datetime.date.fromisoformat(given.released)
        expires = today() + datetime.timedelta(days=given.days)
    except (ValueError, OverflowError) as error:
        raise SigningError("give the day of the release as 2026-12-01, and days that lead to a date") from error
    notice: dict[str, object] = {
        "program": PROGRAM,
        "version": VERSION,
        "released": released.isoformat(),
        "expires": expires.isoformat(),
        "changes": changes_of((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), VERSION),
        "link": given.link,
    }
    data = signed_file(key, notice)
    try:
        given.file.parent.mkdir(parents=True, exist_ok=True)
        given.file.write_bytes(data)
    except OSError as error:
        raise SigningError(f"{given.file} cannot be written: {error.strerror}") from error
    return f"{given.file}: {VERSION}, valid until {expires}\npublic key: {public_text(key)}"


def _verify(given: argparse.Namespace) -> str:
    path = Path(given.public_key)
    public_key = public_text(read_key(path, _passphrase(given))) if path.is_file() else given.public_key
    try:
        notice = checked(given.file.read_bytes(), public_key)
    except OSError as error:
        raise SigningError(f"{given.file} cannot be read: {error.strerror}") from error
    lines = [f"{PROGRAM} {notice.version}, released {notice.released}, valid until {notice.expires}"]
    lines += [f"{language}: {change}" for language, changes in notice.changes.items() for change in changes]
    return "\n".join([*lines, notice.link or "no link"])


def _passphrase(given: argparse.Namespace) -> str:
    if not given.passphrase:
        return ""
    return os.environ.get(PASSPHRASE_VARIABLE) or getpass.getpass("passphrase: ", stream=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
