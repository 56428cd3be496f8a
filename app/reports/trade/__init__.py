"""Reports of what is bought and sold, owed and owned."""
