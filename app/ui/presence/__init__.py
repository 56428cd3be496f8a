"""Other people who work on the same book: who they are, what they are changing, and what they changed meanwhile."""
