"""Pages for staff, on NiceGUI."""
