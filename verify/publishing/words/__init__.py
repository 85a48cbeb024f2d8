"""What macros say, a file per language."""

from pathlib import Path
from typing import Any

from verify import data
from verify.judging.sentences import LANGUAGES

WORDS: dict[str, dict[str, Any]] = {
    language: data(Path(__file__).with_name(f"{language}.toml")) for language in LANGUAGES
}
"""The words by language and key."""


def file_of(name: str, language: str) -> str:
    """The file of a picture in a language, such as `lab.ja.svg`; English has no ending of its own."""
    return f"{name}.svg" if language == "en" else f"{name}.{language}.svg"
