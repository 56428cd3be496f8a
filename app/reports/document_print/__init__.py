"""Documents on paper: quotations, orders, delivery notes, invoices, receipts, statements of account."""
