"""Read-only books and statements over the queries of the slices."""
