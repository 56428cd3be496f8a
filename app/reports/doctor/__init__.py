"""账簿体检: everything in a book that does not fit together, with the place and a remedy. Reads only."""
