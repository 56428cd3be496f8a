"""Where the program may write is settled before it writes anything."""

from __future__ import annotations

import sys

from app.kernel.errors import EnvironmentFault
from app.portable import prepare_portable
from app.settings import load_settings, portable_folder


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
        from app.cli.console import chosen_language
        from app.resources import catalogue

        sys.stderr.write(f"{fault.message.render(catalogue('en') if chosen_language() == 'en' else None)}\n")
        if windowed:
            from app.ui.refusal_box import show_refusal

            show_refusal(fault.message, load_settings().language)
        return False
    return True
