"""What people decide: approving held removals, undo, pauses of companies, the quarantine."""
