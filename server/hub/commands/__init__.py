"""The write path: typed commands, their rules, and the single writer."""
