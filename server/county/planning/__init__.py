"""Plans, proposals and the journal of the county itself."""
