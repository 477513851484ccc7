"""What every HTTP program needs; knows no page."""
