"""The operator's console: draws snapshots, emits wishes."""
