"""Read-only queries: figures, savings, learned durations, ended tickets, and the hall itself."""
