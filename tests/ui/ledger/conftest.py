"""What tests of the ledger's pages share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(autouse=True, scope="session")
def runtime_dir(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Qt warns when there is no runtime folder of the user's, as on build machines."""
    folder = tmp_path_factory.mktemp("runtime")
    folder.chmod(0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform says that it has no size hints; that is no fault of ours."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))
