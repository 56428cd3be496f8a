"""The window wing's door to a server: blocking transport and one typed method per endpoint, no Qt."""
