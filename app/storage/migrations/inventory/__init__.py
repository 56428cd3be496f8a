"""Tables of the slice `inventory`, one numbered module a change."""
