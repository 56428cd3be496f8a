"""The page of people: who they are, whether they can log in, and what they may do."""
