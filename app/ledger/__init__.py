"""Accounts, auxiliaries, currencies, vouchers, balances, periods, opening: the double-entry core."""
