"""Rules over all sites: plans, proposals, savings."""
