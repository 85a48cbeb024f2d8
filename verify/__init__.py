"""A room per stage: what is claimed, where it is run, what was seen, how it is judged, published, and tried itself."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
"""The project's folder."""
