"""The write path: commands, the single writer, and what pages may ask."""
