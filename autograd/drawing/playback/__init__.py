"""The playback of a backward pass: the plan of its frames, the picture they share, and where it is stepped through."""

from .playback import Playback

__all__ = ["Playback"]
