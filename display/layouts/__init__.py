"""What stands where on a screen. A layout paints a view (``display.views``) and never thinks."""
