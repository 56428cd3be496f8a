"""Faults of the world with real processes: databases, servers and ways that die, hang, come back or lie."""
