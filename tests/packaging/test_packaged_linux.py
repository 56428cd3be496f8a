"""The Linux downloads as they are offered; `dev.py package` ends with these."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import bundle
import contents
import inputs
import package
from app.version import VERSION

WHERE = package.places()
NAME = f"zhangfang-{VERSION}-linux-x86_64"
FOLDER, ONE_FILE = WHERE.release / f"{NAME}.tar.xz", WHERE.release / f"{NAME}-one-file.tar.xz"
LARGEST_DOWNLOAD = 50_000_000

pytestmark = [pytest.mark.packaged, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("archive", "program"),
    [(FOLDER, f"{NAME}/zhangfang"), (ONE_FILE, f"{NAME}-one-file/zhangfang")],
    ids=["folder", "one-file"],
)
def test_what_is_unpacked_proves_itself(archive: Path, program: str, tmp_path: Path) -> None:
    assert archive.stat().st_size < LARGEST_DOWNLOAD
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    places = {name: str(tmp_path / name.lower()) for name in ("HOME", "TMPDIR", "XDG_RUNTIME_DIR")}
    for place in places.values():
        Path(place).mkdir(mode=0o700)
    places |= {"ZHANGFANG_DATA_DIR": str(tmp_path / "数 据")}
    done = subprocess.run(
        [tmp_path / program, "--self-test"],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={
            **places,
            "QT_QPA_PLATFORM": "offscreen",
            "ZHANGFANG_DATA_DIR": str(tmp_path / "数 据"),
            "LANG": "C.UTF-8",
        },
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / program).with_name("LICENSE").is_file()


def test_the_list_of_components_covers_the_whole_bundle() -> None:
    found = contents.parts(package.finished_build(WHERE, "linux"))
    document = json.loads((WHERE.release / "sbom.cdx.json").read_text("utf-8"))
    here = [one for one in document["components"] if {"name": "zhangfang:in", "value": "linux"} in one["properties"]]
    packages = {part.owner for part in found if "/" not in part.owner} - {"python", "program"}
    assert packages <= {component["name"] for component in here}
    system = {part.owner for part in found if "/" in part.owner}
    hashes = {component["hashes"][0]["content"] for component in here}
    assert {hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in system} <= hashes
    locked = {one.name: one for one in inputs.read_lock(WHERE.root / inputs.LOCKS["linux"])}
    for component in here:
        if component["purl"].startswith("pkg:pypi/"):
            assert component["hashes"][0]["content"] in locked[component["name"]].hashes


def test_it_was_built_from_the_locked_packages_only() -> None:
    """Not from the developer's environment, which holds other packages and perhaps other versions."""
    found = contents.parts(package.finished_build(WHERE, "linux"))
    assert not [part for part in found if part.source.is_relative_to(sys.prefix)]
    assert set(bundle.program_modules(WHERE.root)) <= {part.name for part in found}


def test_the_sums_name_every_download() -> None:
    lines = (WHERE.release / "SHA256SUMS").read_text("utf-8").splitlines()
    named = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert {FOLDER.name, ONE_FILE.name, "sbom.cdx.json"} <= set(named)
    assert {path.name for path in WHERE.release.iterdir()} == {*named, "SHA256SUMS"}
    for name, digest in named.items():
        assert hashlib.sha256((WHERE.release / name).read_bytes()).hexdigest() == digest
