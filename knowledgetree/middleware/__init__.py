"""What each request passes on its way to a view, and its response on the way back; ``settings.py`` has the order."""
