"""A real nginx in a private folder, with the configuration of the program; ports and paths are the only change."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_ports
from tests.services.processes import call

FOLDER = Path(__file__).parents[2] / "build" / "nginx"
START_S = 60.0


def program() -> str:
    """Return where nginx is; the test is skipped where it is not."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")
    return found


def main_configuration(folder: Path, included: str) -> str:
    """Return an nginx.conf around one of ours: nobody's root, nothing outside the folder."""
    temporary = "\n".join(
        f"    {kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off;\nmaster_process off;\npid {folder / 'nginx.pid'};\nerror_log {folder / 'error.log'} warn;\n"
        f"events {{ worker_connections 256; }}\nhttp {{\n    access_log {folder / 'access.log'};\n{temporary}\n"
        f"    include {folder / included};\n}}\n"
    )


@contextmanager
def nginx_before(folder: Path, name: str, ports: Mapping[int, int]) -> Iterator[str]:
    """Run nginx with `build/nginx/<name>`; `ports` says where the services of the configuration really are."""
    executable = program()
    (own,) = free_ports(1)
    for path in FOLDER.glob("*.conf"):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"127\.0\.0\.1:(500\d)", lambda at: f"127.0.0.1:{ports.get(int(at[1]), 1)}", text)
        (folder / path.name).write_text(text.replace("listen 80;", f"listen 127.0.0.1:{own};"), encoding="utf-8")
    settings = folder / "nginx.conf"
    settings.write_text(main_configuration(folder, name), encoding="utf-8")
    command = [executable, "-p", str(folder), "-c", str(settings), "-e", str(folder / "error.log")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False, timeout=START_S)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{own}"
    try:
        deadline_s = time.monotonic() + START_S
        while not _answers(url):
            assert process.poll() is None, (folder / "error.log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline_s
            threading.Event().wait(0.02)
        yield url
    finally:
        process.terminate()
        process.wait(START_S)


def _answers(url: str) -> bool:
    try:
        return call(url, "GET", "/api/health").status > 0
    except OSError:
        return False
