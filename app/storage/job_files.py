"""Files that long work makes: written in a private folder, then kept in the database until they are fetched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.storage import uploads
from app.storage.workrooms import workroom

FILE_ID = "upload_id"
"""Where a job's result names the kept file that `GET /api/jobs/<id>/file` sends."""


def keep_made(actor_id: int, name: str, make: Callable[[Path], object]) -> dict[str, Any]:
    """Let `make` write a file of this name and keep it for the actor; return what the job's result says of it.

    Nothing is kept, and nothing stays in the folder, where `make` raises.
    """
    with workroom() as folder:
        path = folder / name
        make(path)
        kept = uploads.keep_file(path, actor_id)
    return {FILE_ID: kept.id, "name": kept.name, "size": kept.size}
