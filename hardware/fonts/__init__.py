"""The hall's faces: their files, and a line of text measured and drawn in them."""
