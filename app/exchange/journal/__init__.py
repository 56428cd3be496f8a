"""Plain-text journals of hledger and Ledger: read, balanced as those programs do, and mapped onto the book."""
