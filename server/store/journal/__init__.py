"""The journal in the database: its lines, their chain, how far it is, and how it leaves for the county."""
