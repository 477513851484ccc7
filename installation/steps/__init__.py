"""Changes of the system around the programs; each is done once, checked, and can be undone."""
