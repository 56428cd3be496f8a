"""Asset cards: kept, changed, charged by the month's depreciation, and disposed of."""
