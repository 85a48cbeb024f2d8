"""What may differ between two runs of the same command, field by field, and nothing else.

A mask names a command, a field of its output, and the kind of value that stands there. Two outputs agree if they are
equal once every masked value has been replaced by what it *means*: the second port met, the address that follows from
that MAC, the acknowledgement of that sequence number. A value of the right shape in the wrong relation stays as it is,
and so differs.
"""

import dataclasses
import difflib
import functools
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from verify import data
from verify.judging.sentences import LANGUAGES
from verify.lab.machine import Capture

FILE = Path(__file__).with_name("masks.toml")
DECLARED = data(FILE)
KINDS: dict[str, str] = {kind: pattern for kinds, pattern in DECLARED["kind"].items() for kind in kinds.split()}
"""What a value of each kind looks like."""
TAKEN_OUT = {"aside", "passing"}
"""Kinds of which nothing stays in its place, so that it does not matter where they stood."""


@dataclass(frozen=True)
class Mask:
    """In what a command prints, if `command` is found in it, the named groups of `field` are values of those kinds."""

    command: str
    field: str
    why: Mapping[str, str] = dataclasses.field(compare=False)
    """The reason, by language."""

    def __str__(self) -> str:
        return f"the mask `{self.field}` on `{self.command}`"

    @property
    def kinds(self) -> Iterable[str]:
        return re.compile(self.field).groupindex

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Where it finds its field in what was printed."""
        return re.finditer(self.field, text, re.MULTILINE)


MASKS = tuple(
    Mask(
        command, re.sub(r"\(\?P<(\w+)>\)", lambda group: f"(?P<{group[1]}>{KINDS.get(group[1], '')})", pattern), reason
    )
    for reason in DECLARED["mask"]
    for command, pattern in reason["fields"]
)


def digest() -> str:
    """A digest of all by which two outputs may agree that are not the same: the table, and what is made of it."""
    return hashlib.sha256(FILE.read_bytes() + Path(__file__).read_bytes()).hexdigest()


@functools.cache  # the same commands are met over and over
def of(command: str) -> tuple[Mask, ...]:
    """The masks in what `command` prints."""
    return tuple(mask for mask in MASKS if re.search(mask.command, command))


def problems(captures: Iterable[Capture]) -> Iterator[str]:
    """What is wrong with the masks, held against all that was seen."""
    idle = set(MASKS)
    wide: dict[tuple[Mask, str], str] = {}
    for capture in captures:
        for mask, text in product(of(capture.command), (capture.stdout, capture.stderr)):
            for match in mask.matches(text):
                idle.discard(mask)
                wide = {(mask, kind): match[kind] for kind in mask.kinds if not _is(kind, match[kind])} | wide
    for mask in MASKS:
        if unknown := [kind for kind in mask.kinds if kind not in KINDS]:
            yield f"{mask}\n  has no such kind of value as {', '.join(unknown)}. There are {', '.join(sorted(KINDS))}."
        if not all(mask.why.get(language) for language in LANGUAGES):
            yield f"{mask}\n  does not say in both languages why the value may differ. Say it, or take the mask out."
        if mask in idle:
            yield f"{mask}\n  finds nothing in any evidence. Mend it, or take it out."
    for (mask, kind), value in wide.items():
        if kind in KINDS:
            yield f"{mask}\n  takes {value!r} for a value of kind {kind}. Narrow it."


def differences(before: Iterable[Capture], now: Iterable[Capture]) -> str:
    """A unified diff of two runs, masked fields shown as what they mean; empty if the runs agree."""
    earlier, later = canonical(before).splitlines(), canonical(now).splitlines()
    return "\n".join(difflib.unified_diff(earlier, later, "evidence", "now", lineterm=""))


def canonical(captures: Iterable[Capture]) -> str:
    """A run as one text in which every masked value is replaced by what it means."""
    texts, values = [], _Values()
    for capture in captures:
        for stream, text in (("stdout", capture.stdout), ("stderr", capture.stderr)):
            texts.append((capture, stream, text, list(fields(capture.command, text))))
    for _, _, _, found in texts:
        for field in found:
            values.meet(field)
    parts = []
    for capture, stream, text, found in texts:
        if stream == "stdout":
            attached = f", with {', '.join(capture.files)}" if capture.files else ""
            parts.append(f"{capture.on}# {capture.command}\n[exit status {capture.exit_code}{attached}]")
        meaning = "".join(_replaced(text, found, values))
        if capture.command.startswith("tcpdump"):
            meaning = _opening(meaning)
        parts.append(f"[{stream}]\n{meaning}")
    return "\n".join(parts)


def meaning(command: str, text: str) -> str:
    """What `command` printed on one stream, every masked value replaced by what it means."""
    found, values = list(fields(command, text)), _Values()
    for field in found:
        values.meet(field)
    return "".join(_replaced(text, found, values))


@dataclass(frozen=True)
class Field:
    """A masked value: where it stands in the text, its kind, and the match it is part of."""

    start: int
    end: int
    kind: str
    match: re.Match[str]
    mask: Mask

    @property
    def value(self) -> str:
        return self.match[self.kind]


def fields(command: str, text: str) -> Iterator[Field]:
    """The masked values in what `command` printed, in the order in which they stand."""
    found = [
        Field(match.start(kind), match.end(kind), kind, match, mask)
        for mask in of(command)
        for match in mask.matches(text)
        for kind in mask.kinds
        if _is(kind, match[kind])
    ]
    return iter(sorted(found, key=lambda field: field.start))


def _is(kind: str, value: str | None) -> bool:
    return value is not None and re.fullmatch(KINDS.get(kind, "(?!)"), value) is not None


class _Values:
    """The values met in a run, and what each is to the others."""

    def __init__(self) -> None:
        self._met: dict[str, list[str]] = {}

    def meet(self, field: Field) -> None:
        known = self._met.setdefault(field.kind, [])
        value = field.value[:12] if field.kind == "id" else field.value
        if value not in known:
            known.append(value)

    def meaning(self, field: Field) -> str:
        value, kind = field.value, field.kind
        match kind:
            case "id":
                length = "" if len(value) == 64 else ", short"
                return f"<id {self._nth('id', value[:12])}{length}>"
            case "mac" | "object" | "port" | "token" | "veth" | "seq" | "inode" | "pid":
                return f"<{kind} {self._nth(kind, value)}>"
            case "eui64":
                return next(
                    (f"<from mac {self._nth('mac', mac)}>" for mac in self._of("mac") if eui64(mac) == value), value
                )
            case "ack":
                first = str(int(value) - 1)
                return f"<seq {self._nth('seq', first)} + 1>" if first in self._of("seq") else value
            case "echo":
                return "<echo>" if value in self._of("timestamp") else value
            case "rounded":
                return "<rounded>" if value == rounded(int(field.match["bytes"])) else value
            case _ if kind in TAKEN_OUT:
                return ""
            case "packets":
                return value if value == "0" else "<some>"
        return f"<{kind}>"

    def _of(self, kind: str) -> list[str]:
        return self._met.get(kind, [])

    def _nth(self, kind: str, value: str) -> int:
        return self._met[kind].index(value) + 1


def eui64(mac: str) -> str:
    """The link-local IPv6 address that follows from a MAC address (RFC 4291, appendix A)."""
    octets = [int(octet, 16) for octet in mac.split(":")]
    octets = [octets[0] ^ 2, *octets[1:3], 0xFF, 0xFE, *octets[3:]]
    return "fe80::" + ":".join(f"{high << 8 | low:x}" for high, low in zip(octets[::2], octets[1::2], strict=True))


def rounded(count: int) -> str:
    """A number of bytes as net-tools rounds it: down, to a tenth of the largest binary unit that it exceeds."""
    power = next((power for power in (5, 4, 3, 2, 1) if count > 1024**power), 0)
    tenths = count * 10 // 1024**power
    return f"{tenths // 10}.{tenths % 10} {('B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB')[power]}"


def _replaced(text: str, found: Iterable[Field], values: _Values) -> Iterator[str]:
    end = 0
    for field in found:
        yield text[end : field.start]
        yield values.meaning(field)
        end = field.end
    yield text[end:]


AFTER_HANDSHAKE = "how connections interleave and how many segments follow a handshake depends on timing"


def _opening(tcpdump: str) -> str:
    """What is compared of packets: how each connection opens, and that it goes on.

    What comes after a handshake follows timing alone (`AFTER_HANDSHAKE`). Where a claim keeps the packets beside the
    text, it holds those lines against them.
    """
    opened: dict[str, list[str]] = {}
    before: list[str] = []
    after: list[str] = []
    for line in tcpdump.splitlines(keepends=True):
        if port := re.search(r"<port \d+>", line):
            opened.setdefault(port[0], []).append(line)
            before, after = before + after, []
        else:
            after.append(line)
    connections = [
        line for lines in opened.values() for line in (lines if len(lines) <= 3 else [*lines[:3], "<goes on>\n"])
    ]
    return "".join([*before, *connections, *after])


def after_handshake(capture: Capture, stream: str, position: int) -> bool:
    """Whether a place in what a tcpdump printed is in a line that comes after its connection's handshake."""
    if stream != "stdout" or not capture.command.startswith("tcpdump"):
        return False
    seen: dict[str, int] = {}
    end = 0
    for line in capture.stdout.splitlines(keepends=True):
        end += len(line)
        port = re.search(r"203\.0\.113\.150\.(\d+)", line)
        number = seen.get(port[1], 0) + 1 if port else 0
        if port:
            seen[port[1]] = number
        if position < end:
            return number > 3
    return False
