"""The server: one Flask application over all slices, its guards, and the three ways it is served."""
