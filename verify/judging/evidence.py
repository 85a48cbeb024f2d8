"""What was seen, as it is kept: one JSON file per claim and engine, and the packets and pictures beside it."""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from verify import ROOT
from verify.lab.machine import CONTROL, Capture
from verify.lab.stream import LIMIT_BYTES

FOLDER = ROOT / "verify" / "evidence"
KINDS = {"pcap": (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4"), "png": (b"\x89PNG\r\n\x1a\n",)}
"""What may come with a capture, by the ending of its name, and how the contents begin, unless they are empty."""


class EvidenceError(Exception):
    """Evidence is not there, or cannot be trusted. The message names the file and says what to do."""

    def __init__(self, file: Path, what: str, claim: str):
        shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
        super().__init__(f"{shown}: {what}. Restore it with git, or record it again: ./nox -s record -- -k {claim}")


@dataclass(frozen=True)
class Evidence:
    """The captures of one claim on one engine, in the world where its sentence holds and in the one where it fails."""

    claim: str
    engine: str
    provenance: Mapping[str, Any]
    """What ran: engine, tools, kernel, images, the claim's own source, and the day."""
    worlds: Mapping[str, tuple[Capture, ...]]
    """The captures by world; the first world is the one in which the sentence holds."""
    digest: str = field(default="", compare=False)
    """That of its file, which covers what comes with it; empty if it was never written."""

    @property
    def holds(self) -> tuple[Capture, ...]:
        return next(iter(self.worlds.values()))


def path(claim: str, engine: str, folder: Path = FOLDER) -> Path:
    """Where the evidence of a claim on an engine is."""
    return folder / engine / f"{claim}.json"


def attachment(claim: str, name: str, content: bytes) -> str:
    """The file name under which what came with a capture is kept: it tells the content."""
    stem, _, extension = name.rpartition(".")
    return f"{claim}.{stem}-{hashlib.sha256(content).hexdigest()[:8]}.{extension}"


def load(claim: str, engine: str, folder: Path = FOLDER) -> Evidence:
    """The evidence of a claim on an engine.

    Raises:
        EvidenceError: it was never recorded, or it is not what was recorded.
    """
    file = path(claim, engine, folder)
    try:
        document = json.loads(_content(file, claim), object_pairs_hook=_once_each)
        if document["digest"] != _digest(document):
            raise EvidenceError(file, "was changed by hand: its digest is no longer that of its contents", claim)
        if (document["claim"], document["engine"]) != (claim, engine):
            raise EvidenceError(file, f"is that of {document['claim']} on {document['engine']}", claim)
        worlds = {
            name: tuple(_capture(entry, file.parent, claim) for entry in run)
            for name, run in document["worlds"].items()
        }
    except FileNotFoundError:
        raise EvidenceError(file, "there is no such evidence", claim) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvidenceError(file, f"is not evidence ({error!r})", claim) from None
    return Evidence(document["claim"], document["engine"], document["provenance"], worlds, document["digest"])


def kept(claim: str, engine: str) -> Evidence:
    """The evidence of a claim on an engine as `load` has it, which is read again only when its file is another.

    Raises:
        EvidenceError: it was never recorded, or it is not what was recorded.
    """
    try:
        status = os.lstat(f"{FOLDER}/{engine}/{claim}.json")
    except FileNotFoundError:
        return load(claim, engine)  # which says so
    return _kept(claim, engine, status.st_ino, status.st_mtime_ns)


@cache
def _kept(claim: str, engine: str, inode: int, changed: int) -> Evidence:
    return load(claim, engine)


def save(evidence: Evidence, folder: Path = FOLDER) -> Path:
    """Writes evidence so that, whenever it is interrupted, what was there before is still whole.

    Attachments are named by their content, so the one rename of the JSON file is all that changes what is there.

    Raises:
        EvidenceError: it could not be written; what was there before is as it was.
    """
    file = path(evidence.claim, evidence.engine, folder)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "claim": evidence.claim,
            "engine": evidence.engine,
            "provenance": evidence.provenance,
            "worlds": {
                name: [_entry(c, evidence.claim, file.parent) for c in run] for name, run in evidence.worlds.items()
            },
        }
        document["digest"] = _digest(document)
        _write(file, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    except OSError as error:
        raise EvidenceError(file, f"could not be written: {error.strerror}", evidence.claim) from None
    finally:
        _forget_unused(file)
    return file


def merge(recorded: Path, folder: Path = FOLDER) -> list[str]:
    """Puts the engines' folders in `recorded`, from other machines, in the place of those here; returns the engines.

    Raises:
        EvidenceError: something in `recorded` is not what was recorded. Nothing is changed then.
    """
    found = sorted(each.name for each in recorded.glob("*/"))
    for file in recorded.glob("*/*.json"):
        load(file.stem, file.parent.name, recorded)
    for engine in found:
        shutil.rmtree(folder / engine, ignore_errors=True)
        shutil.copytree(recorded / engine, folder / engine)
    return found


def belongs(file: Path) -> bool:
    """Whether a file in an engine's folder is evidence, or is what evidence beside it refers to."""
    owner = file.with_name(f"{file.name.partition('.')[0]}.json")
    return file == owner or (owner.is_file() and f'"{file.name}"' in owner.read_text(encoding="utf-8"))


def _capture(entry: Mapping[str, Any], folder: Path, claim: str) -> Capture:
    files = {
        name: _attached(folder / stored["file"], name, stored["sha256"], claim)
        for name, stored in entry["files"].items()
    }
    stdout, stderr = "\n".join(entry["stdout"]), "\n".join(entry["stderr"])
    if max(len(stdout), len(stderr)) >= LIMIT_BYTES:
        raise ValueError(f"{entry['command']} printed more than {LIMIT_BYTES} bytes, which no live run keeps")
    if found := CONTROL.search(stdout + stderr):
        raise ValueError(f"{entry['command']} printed a control character, {found.group()!r}")
    return Capture(entry["on"], entry["command"], entry["exit_code"], stdout, stderr, files)


def _attached(file: Path, name: str, sha256: str, claim: str) -> bytes:
    """What came with a capture under `name`."""
    try:
        content = _content(file, claim)
    except FileNotFoundError:
        raise EvidenceError(file, "is missing, though the evidence refers to it", claim) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EvidenceError(file, "was changed by hand", claim)
    if file.name != attachment(claim, name, content):
        raise EvidenceError(file, f"does not have the name that is given to {name}", claim)
    begins = KINDS.get(file.suffix[1:])
    if not begins or (content and not content.startswith(begins)):
        raise EvidenceError(file, f"is none of what is kept beside evidence ({', '.join(KINDS)})", claim)
    return content


def _content(file: Path, claim: str) -> bytes:
    """A file's bytes. A link could lead out of the project, and what it leads to would be published."""
    if file.is_symlink() or file.parent.is_symlink() or ".." in file.parts:
        raise EvidenceError(file, "is a link, or is outside the folder of its engine", claim)
    return file.read_bytes()


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Of a key that stands there twice, one reader takes the first value and another the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice in one place")
    return found


def _entry(capture: Capture, claim: str, folder: Path) -> dict[str, Any]:
    files = {}
    for name, content in capture.files.items():
        stored = folder / attachment(claim, name, content)
        _write(stored, content)
        files[name] = {"file": stored.name, "sha256": hashlib.sha256(content).hexdigest()}
    return {
        "on": capture.on,
        "command": capture.command,
        "exit_code": capture.exit_code,
        "stdout": capture.stdout.split("\n"),
        "stderr": capture.stderr.split("\n"),
        "files": files,
    }


def _digest(document: Mapping[str, Any]) -> str:
    content = {key: value for key, value in document.items() if key != "digest"}
    # In the order in which it stands: the first world is the one in which the sentence holds.
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _write(file: Path, content: bytes) -> None:
    unfinished = file.with_name(f".{file.name}.unfinished")
    with unfinished.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(file)


def _forget_unused(file: Path) -> None:
    """Removes what this claim no longer refers to, and what an interrupted writing left."""
    claim = file.stem
    for other in [*file.parent.glob(f"{claim}.*"), *file.parent.glob(f".{claim}.*.unfinished")]:
        if not belongs(other):
            other.unlink()


if __name__ == "__main__":
    try:
        merged = [engine for each in sys.argv[1:] for engine in merge(Path(each))]
    except EvidenceError as error:
        sys.exit(f"merge: {error}")
    if not merged:
        sys.exit("merge: there is no evidence")
    print(f"merged: {', '.join(merged)}")
