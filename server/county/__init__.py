"""The county server: journals of all sites replicated, a forecast of each, and each site's view of the others."""
