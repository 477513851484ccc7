"""Queue discipline: which ticket a window calls next, and which services a window takes."""
