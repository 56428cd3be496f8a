"""The container files without an engine: they parse, name only what is there, and every command runs as written."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.running import ROOT
from tests.mariadb import MariaDBServer
from tests.ports import free_ports
from tests.services.nginx import main_configuration, program
from tests.services.processes import STOP_S, call
from tests.waiting import until

FOLDER = ROOT / "build" / "containers"
SERVICES = ("identity", "orders", "inventory", "ledger")
SECRET = "of the container 账"


@pytest.fixture
def compose() -> dict[str, Any]:
    """The compose file as YAML has it."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    return found


def substituted(text: str) -> str:
    """Fill in `${NAME:-usual}` as compose does where nothing is set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions, lines joined."""
    text = (FOLDER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_dockerfile_copies_what_is_there_and_the_builder_gets_it() -> None:
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").split("\n")
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = set()
    for word, rest in instructions():
        if word == "COPY" and "--from=" not in rest:
            *sources, _target = [part for part in rest.split() if not part.startswith("--")]
            copied |= {source.removeprefix("./") for source in sources}
    assert copied == sent
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert "*" in ignored


def test_the_image_is_pinned_runs_as_nobody_special_and_holds_no_secret() -> None:
    told = instructions()
    for word, rest in told:
        if word == "FROM":
            assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm( AS packages)?", rest)
        if word in {"ENV", "ARG"}:
            assert not re.search(r"PASSWORD|SECRET|TOKEN", rest)
    words = [word for word, _ in told]
    assert ("USER", "zhangfang") in told
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert any(word == "HEALTHCHECK" and "/healthz" in rest for word, rest in told)
    assert (FOLDER / "entrypoint.sh").stat().st_mode & 0o111


def test_the_compose_file_names_what_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {*SERVICES, "db", "gateway", "nginx", "setup"} == set(services)
    for name, service in services.items():
        assert not service["image"].endswith(":latest")
        assert ":" in service["image"]
        for other in service.get("depends_on", []):
            assert other in services
        for secret in service.get("secrets", []):
            assert secret in compose["secrets"]
        for network in service["networks"]:
            assert network in compose["networks"]
        for mount in service.get("volumes", []):
            source = mount.partition(":")[0]
            assert source in compose["volumes"] or (FOLDER / source).is_file(), (name, source)
        for key, value in service.get("environment", {}).items():
            assert not re.search(r"PASSWORD|SECRET|TOKEN", key) or value.startswith("/run/secrets/")
    assert services["db"]["healthcheck"]
    assert {services[name]["environment"]["ZHANGFANG_SERVICES"] for name in SERVICES} == set(SERVICES)
    assert [name for name, service in services.items() if service.get("ports")] == ["nginx"]


def test_its_nginx_reads_its_configuration(tmp_path: Path) -> None:
    text = (FOLDER / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("gateway:5000", "127.0.0.1:5000").replace("/etc/nginx/", f"{ROOT}/build/nginx/")
    (tmp_path / "default.conf").write_text(text, encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(main_configuration(tmp_path, "default.conf"), encoding="utf-8")
    command = [program(), "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "log")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert checked.returncode == 0, checked.stderr


@pytest.fixture
def database(mariadb_server: MariaDBServer) -> Iterator[MariaDBServer]:
    """The database as the container's own start and `schemas.sql` leave it."""
    names = ("main", "user_db", "order_db", "inventory_db", "ledger_db")
    mariadb_server.drop(*names)
    script = (FOLDER / "schemas.sql").read_text(encoding="utf-8")
    statements = re.sub(r"--.*", "", script).split(";")
    mariadb_server.execute(
        "CREATE DATABASE main CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        f"CREATE OR REPLACE USER 'zhangfang'@'%' IDENTIFIED BY '{SECRET}'",
        "GRANT ALL PRIVILEGES ON main.* TO 'zhangfang'@'%'",
        *(statement for statement in statements if statement.strip()),
    )
    yield mariadb_server
    mariadb_server.drop(*names)
    mariadb_server.execute("DROP USER 'zhangfang'@'%'")


class Containers:
    """Runs the processes of the compose file here: hosts, ports and one worker each in place of two are the change."""

    def __init__(self, compose: dict[str, Any], database: MariaDBServer, folder: Path) -> None:
        ports = dict(zip(("5000", "5001", "5002", "5003", "5004"), free_ports(5), strict=True))
        self.url = f"http://127.0.0.1:{ports['5000']}"
        self._services = compose["services"]
        self._folder = folder
        (folder / "db_password").write_text(SECRET, encoding="utf-8")
        self._places = [
            (r"@db:3306", f"@{database.host}:{database.port}"),
            (r"/run/secrets", str(folder)),
            (r"172\.28\.57\.0/24", "127.0.0.1"),
            *((rf"\b[\w.]+:{usual}\b", f"127.0.0.1:{port}") for usual, port in ports.items()),
        ]

    def _here(self, text: str) -> str:
        text = substituted(text)
        for pattern, place in self._places:
            text = re.sub(pattern, place, text)
        return text

    def start(self, name: str) -> subprocess.Popen[str]:
        """Start one, with nothing of this computer's environment but where programs are."""
        service = self._services[name]
        own = {key: self._here(value) for key, value in service["environment"].items()}
        bin_folder = Path(sys.executable).parent
        usual = {"PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": str(self._folder), "LANG": "C.UTF-8"}
        usual |= {"ZHANGFANG_DATA_DIR": str(self._folder / "data"), "ZHANGFANG_WORKERS": "1"}
        return subprocess.Popen(
            ["/bin/sh", str(FOLDER / "entrypoint.sh"), *map(self._here, service["command"])],
            cwd=ROOT,
            env=usual | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="containers of Linux")
def test_every_command_runs_as_written(compose: dict[str, Any], database: MariaDBServer, tmp_path: Path) -> None:
    containers = Containers(compose, database, tmp_path)
    said = containers.start("setup").communicate(timeout=STOP_S)[0]
    assert "main" in said, said
    processes: dict[str, subprocess.Popen[str]] = {}
    with ExitStack() as stack:
        for name in (*SERVICES, "gateway"):
            process = processes[name] = containers.start(name)
            stack.callback(process.communicate)
            stack.callback(process.kill)

        def all_ready() -> bool:
            for name, process in processes.items():
                assert process.poll() is None, (name, process.communicate()[0])
            with contextlib.suppress(OSError):
                return bool(call(containers.url, "GET", "/readyz").json["ready"])
            return False

        until(all_ready, 90, every_s=0.2)  # asking is work for those who are not ready yet
        assert call(containers.url, "GET", "/api/health").json["program"] == "zhangfang"
        assert call(containers.url, "GET", "/orders").status == 401
        for process in processes.values():
            process.terminate()
        for name, process in processes.items():
            told = process.communicate(timeout=STOP_S)[0]
            assert process.returncode == 0, (name, told)
            assert SECRET not in told
