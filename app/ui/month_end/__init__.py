"""Pages of the month's end: closing, assets, exchange rates, book doctor."""
