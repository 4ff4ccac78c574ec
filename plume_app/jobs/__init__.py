"""The imperative shell around the core: processes, the queue, undo and recovery."""
