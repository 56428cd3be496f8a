"""Measurements against the limits the program must hold, always beside something plain in the same run.

`python -m benchmarks --size 10k --size 100k` makes synthetic books, measures, and writes the figures as JSON and as a
table. Nothing here is part of the program or of its tests.
"""
