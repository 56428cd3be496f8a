"""Schema changes, one folder a slice; a landed file is never edited."""
