"""The pages about the program itself: its settings, and what it is."""
