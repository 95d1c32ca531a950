"""Pictures: what they show (scene.py, portray.py), where it goes (layout.py), how it looks (typeset.py, svg.py)."""
