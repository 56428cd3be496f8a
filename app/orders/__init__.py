"""The slice `orders`."""
