"""A site manager's page."""
