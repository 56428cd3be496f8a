"""The slice `inventory`: its service."""
