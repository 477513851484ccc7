"""Views of a hall for devices, pages and other sites."""
