"""Pages of items, warehouses and price lists."""
