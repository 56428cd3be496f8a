"""The slice `contacts`: its service."""
