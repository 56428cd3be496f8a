"""Tables of voucher work: templates, recurring vouchers, attachments."""

from __future__ import annotations

from app.storage.migrate import Step

STEPS: tuple[Step, ...] = ()
