"""The hub and its county: journal push, restore, county view."""
