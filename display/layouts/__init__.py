"""Layouts of the screens. A layout paints a view (``display.view_models``) and decides nothing."""
