"""Models: from batches to findings."""
