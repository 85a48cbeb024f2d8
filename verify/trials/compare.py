"""Builds the site at a git revision and here, or here with MkDocs and its successor, and compares: do files differ in more than
how quotes are escaped?
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from verify import ROOT

HTML = {"&#39;": "'", "&#x27;": "'", "&#34;": '"', "&quot;": '"'}
JSON = HTML | {"&#34;": r"\"", "&quot;": r"\""}
ONLY_QUOTES = "differs only in how quotes are escaped, or in what says that it made the page"
GENERATOR = re.compile(r'(?<=<meta name="generator" content=")[^"]*')


def build(project: Path, site: Path, generator: str = "mkdocs") -> None:
    """Builds both languages of a project into a folder, with MkDocs or with `properdocs`, which keeps its plugins and themes."""
    _run(project, sys.executable, "-m", "verify.judging.receipt")
    for file, folder in (("mkdocs.yml", site), ("mkdocs.en.yml", site / "en")):
        _run(project, sys.executable, "-m", generator, "build", "--strict", "-f", file, "-d", str(folder))


def _run(folder: Path, *command: str) -> None:
    same_day = os.environ | {"SOURCE_DATE_EPOCH": "0"}  # the sitemap tells it
    ran = subprocess.run(command, cwd=folder, env=same_day, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"compare: failed: {' '.join(command)}\n{ran.stderr}")


def differences(before: Path, after: Path) -> Iterator[tuple[str, str]]:
    """The files of two sites that are not the same, byte for byte, and how they differ."""
    old, new = ({str(f.relative_to(site)): f for f in site.rglob("*") if f.is_file()} for site in (before, after))
    for name in sorted(old | new):
        if name not in old or name not in new:
            yield name, "is new" if name in new else "is gone"
        elif old[name].read_bytes() != new[name].read_bytes():
            yield name, _difference(old[name], new[name])


def _difference(old: Path, new: Path) -> str:
    try:
        lines = list(difflib.unified_diff(_lines(old), _lines(new), n=0, lineterm=""))[2:]
    except UnicodeDecodeError:
        return "differs, and is no text"
    told = [line[:160] for line in lines if not line.startswith("@@") and line[1:].strip()]
    return "\n  ".join(["differs", *told[:8], *["…"] * (len(told) > 8)]) if lines else ONLY_QUOTES


def _lines(file: Path) -> list[str]:
    """A text, a line for each tag, entry and sentence; in HTML and JSON, with quotes that are not escaped for HTML."""
    text = GENERATOR.sub("", file.read_text(encoding="utf-8"))
    for escaped, quote in {".html": HTML, ".json": JSON}.get(file.suffix, {}).items():
        text = text.replace(escaped, quote)
    return re.sub(r"(?<=>)|(?<=},)|(?<=\. )|(?<=。)", "\n", text).split("\n")


if __name__ == "__main__":
    (revision,) = sys.argv[1:] or ["HEAD"]
    successor = revision == "--successor"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not successor:
            _run(ROOT, "git", "archive", "--prefix=project/", "-o", f"{folder}/project.tar", revision)
            _run(folder, "tar", "-xf", "project.tar")
        build(ROOT if successor else folder / "project", folder / "before")
        build(ROOT, folder / "after", "properdocs" if successor else "mkdocs")
        found = dict(differences(folder / "before", folder / "after"))
    told = [f"{file} {how}" for file, how in found.items() if how != ONLY_QUOTES]
    print(*told, f"{len(told)} files differ {'with ProperDocs' if successor else f'since {revision}'}", sep="\n")
    sys.exit(bool(told))
