"""What crosses the wire, one module a slice. Both wings know this package, and nothing else of each other."""
