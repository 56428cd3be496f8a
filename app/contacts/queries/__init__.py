"""The slice `contacts`: its queries."""
