"""Words every part shares: money, periods, ids, errors, texts. Standard library only, no I/O."""
