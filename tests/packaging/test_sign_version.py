"""The tool that signs the version file of a release: what it writes, programs read; what it must not do, it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sign_version
from app.client.update_notice import read_notice
from app.version import VERSION

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "build" / "sign_version.py"


def run(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"} | variables,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


def refused(*arguments: object, **variables: str) -> str:
    """Return the sentence of a refusal: one line, no traceback."""
    done = run(*arguments, **variables)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A private key's file and its public key."""
    path = tmp_path_factory.mktemp("keys") / "release.pem"
    done = run("new-key", path)
    assert done.returncode == 0, done.stderr
    return path, done.stdout.removeprefix("public key: ").strip()


def test_a_release_is_signed_as_programs_read_it(key: tuple[Path, str], tmp_path: Path) -> None:
    path, public = key
    file = tmp_path / "release" / "version.txt"
    done = run("sign", path, file, "--released", "2026-12-01", "--link", "https://example.com/zhangfang")
    assert done.returncode == 0, done.stderr
    assert public in done.stdout
    notice = read_notice(file.read_bytes(), public)
    assert (notice.version, str(notice.released)) == (VERSION, "2026-12-01")
    assert notice.changes["zh"]
    assert notice.changes["en"]
    for asked in (public, path):
        seen = run("verify", asked, file)
        assert seen.returncode == 0
        assert f"zhangfang {VERSION}, released 2026-12-01" in seen.stdout
    file.write_bytes(file.read_bytes().replace(b"example.com", b"examp1e.com"))
    assert "signature" in refused("verify", public, file)


def test_a_private_key_is_made_for_its_owner_only_and_never_overwritten(key: tuple[Path, str]) -> None:
    path, _public = key
    before = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert "never overwritten" in refused("new-key", path)
    assert path.read_bytes() == before


def test_a_private_key_never_lies_in_the_project(key: tuple[Path, str], tmp_path: Path) -> None:
    inside = ROOT / "out" / "never.pem"
    assert "inside the project" in refused("new-key", inside)
    assert not inside.exists()
    link = tmp_path / "link"
    link.symlink_to(ROOT, target_is_directory=True)
    assert "inside the project" in refused("new-key", link / "never.pem")
    assert "inside the project" in refused("sign", inside, tmp_path / "v", "--released", "2026-12-01")


def test_a_key_with_a_passphrase_needs_it(tmp_path: Path) -> None:
    path = tmp_path / "k.pem"
    secret = {"ZHANGFANG_KEY_PASSPHRASE": "a long passphrase"}
    assert run("new-key", path, "--passphrase", **secret).returncode == 0
    assert b"ENCRYPTED" in path.read_bytes()
    arguments = ("sign", path, tmp_path / "v", "--released", "2026-12-01")
    assert run(*arguments, "--passphrase", **secret).returncode == 0
    assert "passphrase" in refused(*arguments)
    assert "passphrase" in refused(*arguments, "--passphrase", ZHANGFANG_KEY_PASSPHRASE="wrong")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--released", "1 December"), "2026-12-01"),
        (("--released", "2026-12-01", "--days", "-1"), "expired"),
        (("--released", "2026-12-01", "--link", "http://example.com"), "link"),
    ],
)
def test_what_programs_would_refuse_is_not_written(
    key: tuple[Path, str], tmp_path: Path, arguments: tuple[str, ...], word: str
) -> None:
    assert word in refused("sign", key[0], tmp_path / "v", *arguments)
    assert not (tmp_path / "v").exists()


def test_other_files_are_no_keys(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("no key", encoding="utf-8")
    assert "no private key" in refused("sign", tmp_path / "k", tmp_path / "v", "--released", "2026-12-01")
    assert "cannot be read" in refused("sign", tmp_path / "none", tmp_path / "v", "--released", "2026-12-01")


def test_changes_are_taken_from_the_section_of_the_version() -> None:
    text = "# x\n\n## 1.1.0\n\n- 甲；\n  续\n- 乙\n\n*First thing; second\nthing.*\n\n## 1.0.0\n\n- 旧\n\n*Old.*\n"
    assert sign_version.changes_of(text, "1.1.0") == {"zh": ["甲； 续", "乙"], "en": ["First thing", "Second thing"]}
    assert sign_version.changes_of(text, "1.0.0") == {"zh": ["旧"], "en": ["Old"]}
    for version, broken in (("2.0.0", text), ("1.0.0", "## 1.0.0\n- 旧\n"), ("1.0.0", "## 1.0.0\n*Old.*\n")):
        with pytest.raises(sign_version.SigningError, match="CHANGELOG"):
            sign_version.changes_of(broken, version)
