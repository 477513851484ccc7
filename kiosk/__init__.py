"""The touch kiosk at which visitors take a number."""
