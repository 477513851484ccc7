"""The county server: journals of all sites replicated, a forecast of each, and what each site needs of the others."""
