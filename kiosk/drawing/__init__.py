"""Page layout without a window: display lists, typesetting, and the painter that shows them with Kivy."""
