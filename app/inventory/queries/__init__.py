"""The slice `inventory`: its queries."""
