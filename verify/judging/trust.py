"""Whether evidence can have been seen: by the function that stands there now, on the engine it names, at a time that has been.

A digest covers what evidence says, but whoever knows how it is made can make another. Here evidence is held against all that
is known beside it: the claim, `engines.toml`, the clock, the packets kept with it, and the evidence of other engines.
"""

import datetime
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from verify.judging import claim, evidence
from verify.judging.digests import function_digest
from verify.judging.evidence import Evidence, EvidenceError
from verify.lab.engines import Engine
from verify.lab.machine import Capture

DAY = datetime.timedelta(days=1)
"""By how much a clock elsewhere may be ahead or behind."""
STAMP = re.compile(r"\b(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d:\d\d\.\d+")
RANDOM = re.compile(
    r"\b[0-9a-f]{64}\b|\bSWMTKN-1-[0-9a-z]+-[0-9a-z]+|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{6,}|(?<=seq )\d{9,10}(?=,)"
)
"""What no two runs have in common, since it was drawn at random or tells a moment to the microsecond."""
NAMED = {hashlib.sha256(name).hexdigest() for name in (b"podman",)}
"""Podman's ids of networks that come with it, which follow from their names."""
MEANT = ("engine", "client")
"""What of provenance has to be the same in a live run; a kernel or a tool may be another, as long as output agrees."""


def load(name: str, engine: Engine, folder: Path | None = None) -> Evidence:
    """The evidence of a claim on an engine, if it can have been seen: that which is kept, or that in a folder.

    Raises:
        EvidenceError: it was never recorded, is not what was recorded, or is not of what stands here now.
    """
    seen = evidence.load(name, engine.name, folder) if folder else evidence.kept(name, engine.name)
    for problem in _of_another_text(name, seen) or problems(seen, engine):
        raise EvidenceError(evidence.path(name, engine.name, folder or evidence.FOLDER), problem, name)
    return seen


def problems(seen: Evidence, engine: Engine) -> Iterator[str]:
    """Why evidence cannot have been seen on this engine, in words that follow its file's name."""
    ran = seen.provenance
    yield from _of_another_day(seen, engine)
    for what in MEANT:
        if engine.version and not re.match(rf"{re.escape(engine.version)}(?!\d)", ran[what]):
            yield f"says that the {what} was {ran[what]}, which engines.toml does not call {engine.title}"
    if engine.suite and not re.search(rf"\b{engine.suite.split()[0]}\b", ran["tools"]["os"]):
        yield f"was recorded on {ran['tools']['os']}, and engines.toml has {engine.name} from {engine.suite.split()[0]}"
    if bool(ran.get("binaries")) and engine.is_debians:
        yield f"was recorded with other binaries than Debian's, from which engines.toml has {engine.name}"
    for capture in (capture for run in seen.worlds.values() for capture in run):
        yield from _packets(capture)


def strays(every: Iterable[tuple[Path, Evidence]]) -> Iterator[str]:
    """Evidence that does not go together with that of other engines and claims: where, what, and what to do."""
    found = list(every)
    yield from _again(found)
    yield from _images(found)
    yield from _pictures(found)
    spoken = _spoken(found)
    for file, seen in found:
        for text in sorted(_applications(seen) - spoken):
            yield _told(file, seen, f"has packets that say {text!r}, which no packet kept in any evidence says")


def _again(every: Iterable[tuple[Path, Evidence]]) -> Iterator[str]:
    """What another engine's evidence has, too, though no two runs can have it in common."""
    met: dict[str, Path] = {}
    for file, seen in every:
        others = ((value, met.setdefault(value, file)) for value in sorted(_random(seen)))
        for value, first in others:
            if first.parent != file.parent:
                yield _told(file, seen, f"has {value[:40]}, as {_shown(first)} has: two engines never draw the same")
                break


def _images(every: Iterable[tuple[Path, Evidence]]) -> Iterator[str]:
    """One image that was official here, and stood in for it there."""
    met: dict[str, tuple[str, Path]] = {}
    for file, seen in every:
        for image in seen.provenance["images"].values():
            which, first = met.setdefault(image["id"].removeprefix("sha256:"), (image["which"], file))
            if which != image["which"]:
                yield _told(
                    file, seen, f"says that an image was {image['which']}, and {_shown(first)} that it was {which}"
                )


def _pictures(every: Iterable[tuple[Path, Evidence]]) -> Iterator[str]:
    """Pictures that differ, though the same browser took them of what it says was the same page."""
    met: dict[tuple[str, str], tuple[bytes, Path]] = {}
    for file, seen in every:
        for capture in seen.holds:
            for content in (content for name, content in capture.files.items() if name.endswith(".png")):
                first, there = met.setdefault((capture.stdout, seen.provenance["browser"]), (content, file))
                if first != content:
                    yield _told(
                        file, seen, f"has another picture than {_shown(there)}, of the same page in the same browser"
                    )


def drifted(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """In what an engine is no longer the one that evidence tells of; empty if it is."""
    lines = [f"the {what} was {before[what]}, and is {now[what]}" for what in MEANT if before[what] != now[what]]
    for name, image in before["images"].items():
        here = now["images"].get(name, {}).get("which")
        if image["which"] == "official" != here:  # an official image is no less than what stands in for it
            lines.append(f"the image {name} was the official one, and is a {here}")
    return "\n".join(lines)


def _of_another_text(name: str, seen: Evidence) -> list[str]:
    declared = claim.declared().get(name)
    if declared and seen.provenance["claim"].get("function") != function_digest(name):
        return [
            f"is of another text of claim_{name}, of what it calls, or of what it waits for, than stands in {declared.file} now"
        ]
    return []


def _of_another_day(seen: Evidence, engine: Engine) -> Iterator[str]:
    day = datetime.date.fromisoformat(seen.provenance["claim"]["date"])
    if day > datetime.date.today() + DAY:
        yield f"was recorded on {day}, a day to come"
    if engine.snapshot and day < datetime.datetime.strptime(engine.snapshot, "%Y%m%dT%H%M%SZ").date():
        yield f"was recorded on {day}, before there was the snapshot {engine.snapshot} that engines.toml takes"
    told = {stamp for run in seen.worlds.values() for capture in run for stamp in STAMP.findall(capture.stdout)}
    for stamp in sorted(told):
        if abs(datetime.date.fromisoformat(stamp) - day) > DAY:
            yield f"was recorded on {day}, and shows the time of {stamp}"


def _packets(capture: Capture) -> Iterator[str]:
    """What in the lines of a tcpdump cannot be: sizes that do not agree with each other."""
    for line in capture.stdout.splitlines() if capture.command.startswith("tcpdump") else ():
        length = re.search(r", length (\d+)", line)
        if length and (sequence := re.search(r", seq (\d+):(\d+),", line)):
            if int(sequence[2]) - int(sequence[1]) != int(length[1]):
                yield f"has a packet whose sequence numbers do not fit its length: {line}"
        elif length and int(length[1]) and " Flags [" in line:
            yield f"has a packet of some length without its sequence numbers: {line}"


def _random(seen: Evidence) -> set[str]:
    """All in what was printed and captured that is another in each run."""
    texts = (text for run in seen.worlds.values() for each in run for text in (each.stdout, each.stderr))
    packets = {
        f"packets {hashlib.sha256(content).hexdigest()}"
        for run in seen.worlds.values()
        for each in run
        for name, content in each.files.items()
        if name.endswith(".pcap") and len(content) > 24  # beyond the head of the file
    }
    return {found for text in texts for found in RANDOM.findall(text)} - NAMED | packets


def _applications(seen: Evidence) -> set[str]:
    """What tcpdump printed of what was in packets."""
    return {
        text
        for run in seen.worlds.values()
        for each in run
        if each.command.startswith("tcpdump")
        for text in re.findall(r", length \d+: (.+)", each.stdout)
    }


def _spoken(every: Iterable[tuple[Path, Evidence]]) -> set[str]:
    """What begins a line in the packets that are kept, as tcpdump says it."""
    kept = {
        content
        for _, seen in every
        for run in seen.worlds.values()
        for each in run
        for name, content in each.files.items()
        if name.endswith(".pcap")
    }
    lines = (line for content in kept for line in re.findall(rb"(?:GET |HTTP/1)[ -~]*", content))
    return {f"HTTP: {line.decode()}" for line in lines}


def _shown(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def _told(file: Path, seen: Evidence, what: str) -> str:
    return str(EvidenceError(file, what, seen.claim))
