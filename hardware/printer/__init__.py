"""The ticket printer: its drivers and its twin."""
