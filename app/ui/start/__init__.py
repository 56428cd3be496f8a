"""What stands before a book: choosing, making or reaching one, and logging in."""
