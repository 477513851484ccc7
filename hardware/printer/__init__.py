"""The receipt printer: its drivers and its twin."""
