"""Builds both languages side by side, each by MkDocs from its own configuration; options are those of `mkdocs build`."""

import shutil
import subprocess
import sys
import tempfile

from verify import ROOT

SITE = ROOT / "site"
APART = ROOT / ".nox" / "site"
"""Where English is built, since Japanese empties site/ first, in which English has its folder."""
BUILD = (sys.executable, "-m", "mkdocs", "build", "--strict")  # not -q: with it, --strict lets broken links pass


def build(*options: str) -> int:
    """Builds the whole site, and says what MkDocs says of it, one language after the other; returns the exit status."""
    for folder in (SITE, APART):
        shutil.rmtree(folder, ignore_errors=True)
    (APART / "evidence").mkdir(parents=True)  # by which English sees that what both share is published above it
    with tempfile.TemporaryFile("w+") as said:
        english = (*BUILD, "-f", "mkdocs.en.yml", "-d", str(APART / "en"), *options)
        with subprocess.Popen(english, cwd=ROOT, stdout=said, stderr=said) as beside:
            if status := subprocess.run((*BUILD, *options), cwd=ROOT).returncode:
                beside.kill()
                return status
        said.seek(0)
        print(said.read(), end="", file=sys.stderr)
    if not beside.returncode:
        shutil.move(APART / "en", SITE / "en")
    return beside.returncode


if __name__ == "__main__":
    sys.exit(build(*sys.argv[1:]))
