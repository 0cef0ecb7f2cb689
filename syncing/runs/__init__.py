"""The life of a run: its row, the queue, the heartbeat, the progress, and how long it is kept."""
