"""The pages of sales, purchases, payments and settlements."""
