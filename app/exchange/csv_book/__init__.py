"""csv-book: a whole book as a folder or zip of CSV files, in and out."""
