"""The ledger's use cases: all its rules, and the only code that writes vouchers, entries and balances."""
