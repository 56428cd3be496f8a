"""The ledger's pages of the window: vouchers, accounts, trial balance, subsidiary ledger, periods, opening balances."""
