"""Statements: a formula language over the balance tables, definitions in it, checks, explanations, statutory forms."""
