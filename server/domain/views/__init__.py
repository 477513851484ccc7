"""What others are shown of a hall."""
