"""What the programs that own the formats say: balances by account and commodity, from `hledger` and `ledger`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from tests.exchange.desk import Balances


def _need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed (Debian: apt-get install hledger ledger)")
    return found


def _run(*command: str) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": os.environ["HOME"]},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def hledger_balances(path: Path) -> Balances:
    """Return what hledger adds up, to the last digit."""
    found: Balances = {}
    for transaction in json.loads(_run(_need("hledger"), "-f", str(path), "print", "-x", "-O", "json")):
        for posting in transaction["tpostings"]:
            for amount in posting["pamount"]:
                key = posting["paccount"].strip("()[]"), amount["acommodity"]
                quantity = amount["aquantity"]
                value = Decimal(quantity["decimalMantissa"]).scaleb(-quantity["decimalPlaces"])
                found[key] = found.get(key, Decimal(0)) + value
    return found


def ledger_balances(path: Path) -> Balances:
    """Return what Ledger adds up."""
    line = "%(account)\t%(commodity(amount))\t%(quantity(amount))\n"
    found: Balances = {}
    for row in _run(_need("ledger"), "--args-only", "-f", str(path), "reg", "--format", line).splitlines():
        account, commodity, quantity = row.split("\t")
        key = account.strip("()[]"), commodity.strip('"')
        found[key] = found.get(key, Decimal(0)) + Decimal(quantity.replace(",", ""))
    return found
