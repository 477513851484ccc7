"""The journal in the database: its lines, their hash chain, its head, and the outbox for the county."""
