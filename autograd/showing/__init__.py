"""What is shown of a graph, on top of all rooms: what its user calls, and what that returns."""

from .derivation import Derivation, derive
from .paths import paths
from .picture import draw
from .playback import play, widget

__all__ = ["Derivation", "derive", "draw", "paths", "play", "widget"]
