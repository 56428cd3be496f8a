"""Whether the maker of a voucher may review it: a switch of the book."""

from __future__ import annotations

from app.identity.queries.people import count_logins
from app.storage.book_settings import get_setting
from app.storage.database import unit_memory

_SEVERAL = "several people log in"


def review_by_other() -> bool:
    """Tell whether the maker of a voucher may not review it.

    Left alone it is off for households and as long as only one person logs in, on for firms with several.
    """
    switch = get_setting("review_by_other", "auto")
    if switch != "auto":
        return bool(switch == "on")
    if get_setting("chart") == "household":
        return False
    memory = unit_memory()
    if _SEVERAL not in memory:
        memory[_SEVERAL] = count_logins() > 1
    return bool(memory[_SEVERAL])
