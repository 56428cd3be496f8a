"""Pages of books and statements."""
