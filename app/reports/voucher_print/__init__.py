"""Vouchers on paper: 240 × 140 mm, A5 and A4, as bookkeepers file them (《会计基础工作规范》 art. 50 to 53)."""
