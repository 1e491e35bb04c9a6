"""What the program ships besides its code."""

from pathlib import Path

SHIPPED = Path(__file__).parent
"""Where these files are; `importlib.resources` would load a fifth of a window's start to say so."""
