"""Tables of the slice `contacts`, one numbered module a change."""
