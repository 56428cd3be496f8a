"""The slice `orders`: its queries."""
