"""What stands where on a screen. A layout paints a view (``display.view_models``) and never thinks."""
