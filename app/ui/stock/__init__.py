"""The window's pages of stock."""
