"""The packets that a tcpdump printed, drawn as who sends what to whom."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from verify.lab.machine import Capture
from verify.publishing.render import render
from verify.publishing.words import WORDS

PACKET = re.compile(
    r"^IP (?P<source>\d+(?:\.\d+){3})\.(?P<from>\d+) > (?P<to>\d+(?:\.\d+){3})\.(?P<port>\d+): (?P<what>.*)$"
)
FLAGS = {"S": "SYN", "S.": "SYN, ACK", ".": "ACK", "P.": "PSH, ACK", "F.": "FIN, ACK", "R": "RST", "R.": "RST, ACK"}
MOST, STEP, APART, LEFT, TOP = 10, 30, 300, 110, 64
"""How many packets are drawn, and sizes: between packets, between those who send, and the margins."""


@dataclass(frozen=True)
class Packet:
    """A packet in the words of tcpdump."""

    source: str
    to: str
    label: str


def sequence(capture: Capture, language: str) -> Markup:
    """The first packets of a capture as a diagram; empty where it has none between two machines."""
    packets = list(_packets(capture))
    ends = list(dict.fromkeys(end for packet in packets for end in (packet.source, packet.to)))
    if len(ends) != 2:
        return Markup()
    rows = []
    for number, packet in enumerate(packets[:MOST]):
        y, right = TOP + STEP * (number + 1), packet.source == ends[0]
        rows.append({"y": y, "label": packet.label, "right": right})
    words, left = WORDS[language]["sequence"], len(packets) - len(rows)
    size = {"width": 2 * LEFT + APART, "height": TOP + STEP * (len(rows) + 1) + (STEP if left else 0)}
    told = words["told"].format(packets="; ".join(f"{p.source} > {p.to}: {p.label}" for p in packets[:MOST]))
    more = words["more"].format(count=left) if left else ""
    values = {"left": LEFT, "right": LEFT + APART, "top": TOP, "ends": ends, "rows": rows, "more": more, "told": told}
    return render("sequence", **size, **values)


def _packets(capture: Capture) -> Iterator[Packet]:
    if not capture.command.startswith("tcpdump"):
        return
    for line in capture.stdout.splitlines():
        if found := PACKET.match(line):
            yield Packet(found["source"], found["to"], _label(found))


def _label(packet: re.Match[str]) -> str:
    """What a packet is: its flags and the bytes in it, or the protocol as tcpdump names it; and its two ports."""
    what = packet["what"]
    if flags := re.match(r"Flags \[([SFRP.]+)\]", what):
        length = re.search(r"length (\d+)", what)
        size = f", {length[1]} bytes" if length and length[1] != "0" else ""
        what = f"{FLAGS.get(flags[1], flags[1])}{size}"
    return f"{packet['from']} → {packet['port']}  {what}"
