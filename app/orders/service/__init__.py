"""The slice `orders`: its service."""
