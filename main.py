"""The program's one entry: the window, a command, or the self-test; `app.bootstrap` decides."""

from __future__ import annotations

import gc
import sys

# a start makes a quarter of a million objects and hardly any garbage; looking for it would take a tenth of the time
gc.set_threshold(20_000, 20, 20)

from app.bootstrap import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
