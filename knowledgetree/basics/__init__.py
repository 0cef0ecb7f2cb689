"""Small parts that import nothing else of the project: times, batches, processes, time limits, address forms."""
