"""What macros say, a file per language."""

import tomllib
from pathlib import Path
from typing import Any

from verify.judging.sentences import LANGUAGES

WORDS: dict[str, dict[str, Any]] = {
    language: tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8"))
    for language in LANGUAGES
}
"""The words by language and key."""
