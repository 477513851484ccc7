"""The fold: each journal entry, applied to the state before it, gives the next one (event sourcing)."""
