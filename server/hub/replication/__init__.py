"""Replication between hub and county: journal push, restore, county view."""
