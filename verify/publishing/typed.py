"""Since and until which engine something is so, and what came of it in a table: evidence or a source tells it, and nobody types it."""

import re
from collections.abc import Iterator
from pathlib import Path

from verify import ROOT
from verify.judging import sentences
from verify.lab import engines
from verify.publishing import outcomes, pages, statements

NO_PROSE = re.compile(
    rf"{pages.FENCE.pattern}|{pages.CITATION.pattern}|`[^`\n]*`|<[{{%].*?[%}}]>|\]\([^)]*\)", re.MULTILINE | re.DOTALL
)
"""Code, citations, macros, and where links lead."""
BEFORE = r"(?:since|until|till|before|from|up\s+to|as\s+of|prior\s+to|(?:newer|older|later|earlier)\s+than)"
AFTER = (
    r"(?:(?:and|or)\s+(?:newer|older|later|earlier|up|above|below)\b|(?:の|系)?(?:まで|以降|以後|以前|から|より|未満))"
)
TABLE = re.compile(r"(?:^\|.*\n){3,}", re.MULTILINE)
OUTCOME = re.compile(
    r"\b(?:works?|possible|(?:un)?reach(?:able|ed|es)?|(?:refus|reject|ignor|discard|accept)(?:ed|s)|fail(?:ed|s)|warns?)\b"
    "|効[くき]|使え|でき[るな]|エラー|無視|つなが[るら]|届[くか]|失敗|警告|拒[むま否]|受け付け"
)
"""Words for what `outcome` says."""


def problems(root: Path = ROOT) -> Iterator[str]:
    """Versions that are typed into the prose of pages, and outcomes into cells: where, and what to do."""
    typed = _pattern()
    for page in pages.every(root):
        text = sentences.source(page)
        prose = _prose(text)
        yield from _cells(page, text, root)
        for found in typed.finditer(prose):
            yield (
                f"{page.relative_to(root)}:{sentences.line_of(text, found.start())}: {' '.join(found[0].split())}\n"
                '  is typed by hand. Let the evidence tell the version: <{ since("CLAIM") }>, before or until. If no engine that was run '
                "tells it, cite a source."
            )


def _prose(text: str) -> str:
    """A text, all but its prose blanked out, line for line."""
    return NO_PROSE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _cells(page: Path, text: str, root: Path) -> Iterator[str]:
    """Outcomes that are typed into a cell that rests on claims, or into a column of outcomes; a source may tell them."""
    for table in TABLE.finditer(pages.FENCE.sub(lambda code: "\n" * code[0].count("\n"), text)):
        rows = [row.split("|")[2:-1] for row in table[0].splitlines()]
        derived = {column for row in rows for column, cell in enumerate(row) if any(outcomes.calls(cell))}
        for number, row in enumerate(rows[2:], sentences.line_of(text, table.start()) + 2):
            for column, cell in enumerate(row):
                said = OUTCOME.search(_prose(cell))
                block = statements.Block(page.relative_to(root), number, _place(page, root), "row", cell)
                rests = statements.bases(block, root)
                ran = any("#" not in name for name in rests)
                if said and (ran or (column in derived and not rests)):
                    yield (
                        f"{page.relative_to(root)}:{number}: {' '.join(cell.split())}\n"
                        f"  says what came of it, {said[0]!r}, by hand. Let the evidence tell it: "
                        '<{ outcome("CLAIM", "COMMAND", effect="refused") }>, or cite a source.'
                    )


def _place(page: Path, root: Path) -> str:
    """A page from the folder of its language."""
    return Path(*page.relative_to(root).parts[2:]).as_posix()


def _pattern() -> re.Pattern[str]:
    """A version of an engine beside a word that makes it a bound in time; bare numbers are versions if they name a generation."""
    known = "|".join(
        re.escape(each) for each in sorted({each.generation for each in engines.load().values()}, reverse=True)
    )
    version = rf"(?<![\w./:-])(?:(?:Docker|Podman)(?:\s+Engine)?\s+\d+|{known})(?:\.\d+)*(?![\w/:]|\.\d)"
    return re.compile(rf"\b{BEFORE}\s+(?:rootless\s+)?{version}|{version}\s*{AFTER}", re.IGNORECASE)
