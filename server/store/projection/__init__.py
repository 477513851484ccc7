"""The tables made from the journal (read models), and rebuilding them."""
