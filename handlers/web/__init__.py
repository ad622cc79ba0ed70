"""What residents and staff reach with a browser. ``create_app`` in ``app.py`` puts it together."""
