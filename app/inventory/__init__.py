"""The slice `inventory`."""
