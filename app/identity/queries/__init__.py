"""Reads of people, roles, departments, tokens and the log. Each takes the actor and requires the right to see."""
