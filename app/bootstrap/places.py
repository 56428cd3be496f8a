"""Where the program may write is settled before it writes anything."""

from __future__ import annotations

import sys

from app.bootstrap.telling import tell
from app.kernel.errors import EnvironmentFault
from app.portable import prepare_portable
from app.settings import portable_folder


def settle_places(*, windowed: bool) -> bool:
    """Make the portable folder ready where there is one; else say in one sentence why not, and return False.

    The sentence goes to standard error, and with `windowed` into a box, too: who double-clicked sees nothing else.
    """
    folder = portable_folder()
    if folder is None:
        return True
    try:
        prepare_portable(folder)
    except EnvironmentFault as fault:
        if windowed:
            tell(fault.message)
        else:
            from app.cli.console import chosen_language
            from app.resources import catalogue

            sys.stderr.write(f"{fault.message.render(catalogue('en') if chosen_language() == 'en' else None)}\n")
        return False
    return True
