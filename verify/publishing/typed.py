"""Since and until which engine something is so: on pages, evidence or a source tells it, and nobody types it from memory."""

import re
from collections.abc import Iterator
from pathlib import Path

from verify import ROOT
from verify.judging import sentences
from verify.lab import engines
from verify.publishing import pages

NO_PROSE = re.compile(
    rf"{pages.FENCE.pattern}|{pages.CITATION.pattern}|`[^`\n]*`|<[{{%].*?[%}}]>|\]\([^)]*\)", re.MULTILINE | re.DOTALL
)
"""Code, citations, macros, and where links lead."""
BEFORE = r"(?:since|until|till|before|from|up\s+to|as\s+of|prior\s+to|(?:newer|older|later|earlier)\s+than)"
AFTER = (
    r"(?:(?:and|or)\s+(?:newer|older|later|earlier|up|above|below)\b|(?:の|系)?(?:まで|以降|以後|以前|から|より|未満))"
)


def problems(root: Path = ROOT) -> Iterator[str]:
    """Versions that are typed into the prose of pages: where, and what to do."""
    typed = _pattern()
    for page in pages.every(root):
        text = sentences.source(page)
        prose = NO_PROSE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
        for found in typed.finditer(prose):
            yield (
                f"{page.relative_to(root)}:{sentences.line_of(text, found.start())}: {' '.join(found[0].split())}\n"
                '  is typed by hand. Let the evidence tell the version: <{ since("CLAIM") }>, before or until. If no engine that was run '
                "tells it, cite a source."
            )


def _pattern() -> re.Pattern[str]:
    """A version of an engine beside a word that makes it a bound in time; bare numbers are versions if they name a generation."""
    known = "|".join(
        re.escape(each) for each in sorted({each.generation for each in engines.load().values()}, reverse=True)
    )
    version = rf"(?<![\w./:-])(?:(?:Docker|Podman)(?:\s+Engine)?\s+\d+|{known})(?:\.\d+)*(?![\w/:]|\.\d)"
    return re.compile(rf"\b{BEFORE}\s+(?:rootless\s+)?{version}|{version}\s*{AFTER}", re.IGNORECASE)
