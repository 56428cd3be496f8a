"""What stock costs: a core that only computes, and the rooms that read, book and recost moves with it."""
