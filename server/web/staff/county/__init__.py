"""The county managers' pages."""
