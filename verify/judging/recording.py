"""New evidence, laid aside until a run over claims has ended well, and then put in the place of the old."""

import datetime
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from verify import ROOT
from verify.judging import claim, evidence
from verify.judging.digests import function_digest
from verify.lab.machine import Capture
from verify.lab.topology import is_alive, runner

PREFIX = "hostnetwork-evidence-"


class Recording:
    """What a run records. Its workers share the folder in which it is laid aside."""

    def __init__(self, aside: Path):
        self.aside = aside
        self.written: list[str] = []
        """The evidence that was put in its place, as ENGINE/CLAIM."""
        self.unwritten: list[str] = []
        """Why other evidence could not be."""

    @classmethod
    def begin(cls) -> Self:
        """A recording in a new folder; those of runs that were killed are removed."""
        home = Path(tempfile.gettempdir())
        for left in home.glob(f"{PREFIX}*"):
            if not is_alive(left.name.removeprefix(PREFIX)):
                shutil.rmtree(left, ignore_errors=True)
        aside = home / f"{PREFIX}{runner()}"
        aside.mkdir(mode=0o700)
        return cls(aside)

    def lay_aside(
        self, name: str, engine: str, ran: Mapping[str, Any], worlds: Mapping[str, tuple[Capture, ...]]
    ) -> None:
        """Keeps what was seen of a claim that was proved in both worlds, where it changes nothing yet."""
        if len(worlds) == 2:
            declared = {str(world): worlds[str(world)] for world in claim.declared()[name].worlds}
            evidence.save(evidence.Evidence(name, engine, {**ran, "claim": _source(name)}, declared), self.aside)

    def keep(self, folder: Path) -> None:
        """Puts the evidence that was laid aside in its place."""
        for file in sorted(self.aside.glob("*/*.json")):
            seen = evidence.load(file.stem, file.parent.name, self.aside)
            try:
                evidence.save(seen, folder)
            except evidence.EvidenceError as error:
                self.unwritten.append(str(error))
            else:
                self.written.append(f"{seen.engine}/{seen.claim}")

    def end(self) -> None:
        """Removes what was laid aside, so that nothing stays behind after Ctrl-C."""
        shutil.rmtree(self.aside, ignore_errors=True)


def _source(name: str) -> dict[str, str]:
    """Which text of the claim was run: its file, the name that git has for the file's contents, and the function's digest."""
    file = claim.declared()[name].file
    blob = subprocess.run(
        ["git", "hash-object", file], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()
    return {
        "file": file,
        "blob": blob,
        "function": function_digest(name),
        "date": datetime.date.today().isoformat(),
    }
