"""The business day: its start ends open tickets, closes windows and restarts numbers."""
