"""The backups the program makes by itself: written, opened again and proven, named for people, kept by a clear rule.

`naming` says what the files are called, `rotation` which of them stay, `shelf` what is known of a folder of them,
`proof` opens one again and looks through it, `keeping` makes one, `checking` looks at those that are there, `safeguard`
is the bell that services ring before an act that takes something away. Storage knows no bookkeeping: what only the
layers above can see comes in as `Eyes`.
"""

from __future__ import annotations

from app.storage.kept_backups.checking import check_shelf
from app.storage.kept_backups.keeping import Wish, keep
from app.storage.kept_backups.naming import REASONS
from app.storage.kept_backups.proof import Eyes, Figures
from app.storage.kept_backups.safeguard import Safeguard, safeguard
from app.storage.kept_backups.shelf import Kept, Shelf, is_kept_backup, shelf_folder

__all__ = [
    "REASONS",
    "Eyes",
    "Figures",
    "Kept",
    "Safeguard",
    "Shelf",
    "Wish",
    "check_shelf",
    "is_kept_backup",
    "keep",
    "safeguard",
    "shelf_folder",
]
