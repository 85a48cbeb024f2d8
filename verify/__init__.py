"""A room per stage: what is claimed, where it is run, what was seen, how it is judged, published, and tried itself."""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
"""The project's folder."""


def data(file: Path) -> dict[str, Any]:
    """What a file of the project says, in TOML or JSON, without which nothing can go on.

    Raises:
        SystemExit: it cannot be read; the message says which file, where in it, and what to do.
    """
    try:
        text = file.read_text(encoding="utf-8")
        return dict(json.loads(text) if file.suffix == ".json" else tomllib.loads(text))
    except (OSError, ValueError) as error:
        sys.exit(f"{file.relative_to(ROOT)}: {error}\n  cannot be read. Mend it, or restore it with git.")
