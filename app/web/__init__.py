"""The HTTP edge: application factory, guard, local server."""
