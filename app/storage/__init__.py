"""Where books are kept: opening by URL, units of work, migrations, backup and copy, jobs. Knows no bookkeeping."""
