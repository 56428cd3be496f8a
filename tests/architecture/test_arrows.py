"""The arrows of the house: the contracts in pyproject.toml hold, and each of them can be broken."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
NAMES: dict[str, str] = {contract["id"]: contract["name"] for contract in SETTINGS["contracts"]}

# For each contract one import that it must refuse: the file it is written into, and the line.
VIOLATIONS = {
    "server-wing": ("identity/service.py", "import app.ledger.service"),
    "window-wing": ("client/transport.py", "import app.ui.shell"),
    "two-wings": ("ui/pages.py", "import app.storage.database"),
    "two-wings-back": ("web/factory.py", "import app.client.transport"),
    "foundations": ("settings.py", "import app.contract.base"),
    "kernel-alone": ("kernel/money.py", "import sqlite3"),
    "qt-in-ui": ("selftest.py", "from PyQt5.QtWidgets import QApplication"),
    "flask-at-the-door": ("reports/queries/balances.py", "import flask"),
    "ledger-tables": ("exchange/importing.py", "import app.ledger.models"),
    "identity-tables": ("cli/commands.py", "from app.identity.models import User"),
    "contacts-tables": ("inventory/service.py", "import app.contacts.models"),
    "inventory-tables": ("orders/service.py", "import app.inventory.models"),
    "orders-tables": ("reports/queries/balances.py", "import app.orders.models"),
    "no-circles": ("ui/shell.py", "import app.ui.pages"),
}

# A house in which every room named above exists and nobody breaks a rule.
ROOMS = {
    "bootstrap/__init__.py": "import app.ui.shell, app.web.factory",
    "cli/commands.py": "import app.ledger.service",
    "client/transport.py": "import app.contract.base",
    "contacts/models.py": "import peewee",
    "contacts/service.py": "import app.contacts.models, app.ledger.service",
    "contract/base.py": "import app.kernel.money, pydantic",
    "exchange/importing.py": "import app.ledger.service",
    "http/routes.py": "import flask",
    "identity/api.py": "import app.http.routes",
    "identity/models.py": "import peewee",
    "identity/service.py": "import app.storage.database",
    "inventory/models.py": "import app.contacts.models",
    "inventory/service.py": "import app.contacts.service, app.inventory.models",
    "kernel/money.py": "import decimal",
    "ledger/models.py": "import app.identity.models",
    "ledger/service.py": "import app.ledger.models",
    "logs.py": "import logging",
    "file_guard.py": "",
    "orders/models.py": "import app.inventory.models",
    "orders/service.py": "import app.inventory.service, app.orders.models",
    "portable.py": "import app.kernel.text",
    "reports/queries/balances.py": "import app.storage.database",
    "resources.py": "import pathlib",
    "selftest.py": "import app.client.transport",
    "settings.py": "import app.kernel.money",
    "storage/database.py": "import peewee",
    "ui/pages.py": "import app.ui.shell",
    "ui/shell.py": "from PyQt5.QtCore import Qt",
    "tls.py": "import app.kernel.text",
    "version.py": "",
    "web/factory.py": "import app.identity.api",
}


def build_house(folder: Path, *, violated: bool) -> None:
    """Write the rooms into `folder`/app, with the violations or without."""
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for name, line in ROOMS.items():
        path = folder / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [line, *(bad for place, bad in VIOLATIONS.values() if violated and place == name)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for part in [folder / "app", *(folder / "app").rglob("*/")]:
        (part / "__init__.py").touch()


def verdicts(folder: Path) -> tuple[dict[str, bool], str]:
    """Run import-linter in a folder; return for each contract whether it was kept, and all that was printed."""
    start = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", start, "--no-cache", "--no-logo"],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        timeout=60,
    )
    lines = done.stdout.splitlines()
    found = {
        key: f"{name} KEPT" in lines
        for key, name in NAMES.items()
        if f"{name} KEPT" in lines or f"{name} BROKEN" in lines
    }
    return found, done.stdout + done.stderr


def test_the_arrows_of_the_program_hold() -> None:
    found, printed = verdicts(ROOT)
    assert found == dict.fromkeys(NAMES, True), printed


@pytest.mark.parametrize("violated", [False, True])
def test_each_contract_tells_a_sound_house_from_a_broken_one(tmp_path: Path, violated: bool) -> None:
    assert set(VIOLATIONS) == set(NAMES), "a new contract needs an import here that it refuses"
    build_house(tmp_path, violated=violated)
    found, printed = verdicts(tmp_path)
    assert found == dict.fromkeys(NAMES, not violated), printed
