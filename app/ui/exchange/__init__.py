"""The pages that move files in and out: imports, backups, checks."""
