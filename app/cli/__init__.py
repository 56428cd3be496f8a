"""One-shot commands, straight on the services."""
