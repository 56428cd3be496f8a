"""The user's manual in the window: chapters, pictures, search; F1 opens it where the user is."""
