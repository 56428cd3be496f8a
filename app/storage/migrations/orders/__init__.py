"""Tables of the slice `orders`, one numbered module a change."""
