"""What captures say, as values: interfaces, packets, lines of a terminal."""

import io
import re
from datetime import datetime
from typing import Any

import dpkt
import jc

from verify.judging.screen import typed
from verify.lab.machine import Capture

COUNTERS = re.compile(r"[rt]x_")


def interfaces(ifconfig: str) -> dict[str, dict[str, Any]]:
    """The interfaces that `ifconfig` printed, by name, without their counters, which never stand still."""
    return {
        each["name"]: {key: value for key, value in each.items() if not COUNTERS.match(key)}
        for each in jc.parse("ifconfig", ifconfig, quiet=True)
    }


def answer(terminal: Capture, line: str) -> str:
    """What a shell on a terminal answered to `line`."""
    return typed(terminal, line).partition("\n")[2]


def refusal(capture: Capture) -> str:
    """Why a command was refused, without the full stop and the hint that Docker's client puts after each reason."""
    hint = r"\.?\n(\n?(See|Run) 'docker run --help'.*\n)?"
    # Older clients say now and then, before or after the reason, that they stopped waiting for what never started.
    waiting = r'(?m)^time=\S+ level=error msg="error waiting for container: (context canceled)?"\n'
    return re.sub(rf"{hint}\Z", "", re.sub(waiting, "", capture.stderr))


def host_names(hosts: str) -> dict[str, str]:
    """The address of each name in an `/etc/hosts`."""
    return {name: entry["ip"] for entry in jc.parse("hosts", hosts, quiet=True) for name in entry["hostname"]}


def name_servers(resolv_conf: str) -> list[str]:
    """The name servers in an `/etc/resolv.conf`, in the order in which they are asked."""
    servers: list[str] = jc.parse("resolve_conf", resolv_conf, quiet=True).get("nameservers", [])
    return servers


def without_ids(text: str) -> str:
    """A message with `ID` in place of each long id in it."""
    return re.sub(r"\b[0-9a-f]{64}\b", "ID", text)


def moment(text: str) -> datetime:
    """The first time stamp in `text`, whether as Go or as a log writes it."""
    found = re.search(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)\.(\d{6})\d*(Z| \+0000)", text)
    if not found:
        raise ValueError(f"there is no time in {text!r}")
    return datetime.fromisoformat(f"{found[1]}T{found[2]}.{found[3]}+00:00")


OVER = r"(?s)Flags \[F\.\].*Flags \[F\.\].*Flags \[\.\][^\n]*\n|Flags \[R"
"""What a tcpdump of a whole TCP connection has printed once that is over; a claim waits for it before it stops the tcpdump."""


def printed(tcpdump: Capture) -> list[str]:
    """The packets that a tcpdump printed, a line each; where Ctrl-C interrupts them, it leaves an empty line.

    Raises:
        ValueError: they are not as many as it says in the end that it captured, or it was stopped before a connection
            was over, so that another run may show fewer or more of its packets.
    """
    lines = [line for line in tcpdump.stdout.splitlines() if line]
    if f"\n{len(lines)} packet{'' if len(lines) == 1 else 's'} captured\n" not in tcpdump.stderr:
        raise ValueError(f"{tcpdump.command} printed {len(lines)} packets, but says:\n{tcpdump.stderr}")
    if "Flags [S.]" in tcpdump.stdout and not re.search(OVER, tcpdump.stdout):
        raise ValueError(
            f"{tcpdump.command} was stopped before a connection was over; wait for OVER:\n{tcpdump.stdout}"
        )
    return lines


def packets(pcap: bytes) -> list[str]:
    """The TCP packets of a capture file, as `tcpdump -tn` prints them."""
    lines: list[str] = []
    first: dict[tuple[Any, ...], int] = {}
    for _, frame in dpkt.pcap.Reader(io.BytesIO(pcap)):
        lines.append(_line(dpkt.ethernet.Ethernet(frame).data, first))
    return lines


def handshake(lines: list[str], client: str, server: str) -> bool:
    """Whether SYN, SYN-ACK and ACK of one connection between the addresses stand among the lines of a tcpdump."""
    ports = re.findall(rf"^IP {client}\.(\d+) > {server}\.80: Flags \[S\]", "\n".join(lines), re.MULTILINE)
    return any(_opened(lines, f"{client}.{port}", f"{server}.80") for port in ports)


def _opened(lines: list[str], here: str, there: str) -> bool:
    connection = [line for line in lines if f"{here} > {there}" in line or f"{there} > {here}" in line]
    expected = [
        f"IP {here} > {there}: Flags [S],",
        f"IP {there} > {here}: Flags [S.],",
        f"IP {here} > {there}: Flags [.],",
    ]
    return len(connection) >= 3 and all(line.startswith(e) for line, e in zip(connection, expected, strict=False))


def _line(ip: dpkt.ip.IP, first: dict[tuple[Any, ...], int]) -> str:
    """One packet in tcpdump's words. After a SYN-ACK, sequence numbers count from the connection's first."""
    tcp, length = ip.data, len(ip.data.data)
    here, there = (
        (dpkt.utils.inet_to_str(address), port) for address, port in ((ip.src, tcp.sport), (ip.dst, tcp.dport))
    )
    flags = "".join(letter for bit, letter in FLAGS if tcp.flags & bit)
    begin, acknowledged = tcp.seq - first.get((here, there), 0), tcp.ack - first.get((there, here), 0)
    sequence = f"{begin}:{begin + length}" if length else str(begin)
    if flags == "S.":
        first[here, there], first[there, here] = tcp.seq, tcp.ack - 1
    parts = [f"Flags [{flags}]"]
    if length or tcp.flags & (dpkt.tcp.TH_SYN | dpkt.tcp.TH_FIN | dpkt.tcp.TH_RST):
        parts.append(f"seq {sequence}")
    if tcp.flags & dpkt.tcp.TH_ACK:
        parts.append(f"ack {acknowledged}")
    parts.append(f"win {tcp.win}")
    if options := [_option(*option) for option in dpkt.tcp.parse_opts(tcp.opts)]:
        parts.append(f"options [{','.join(options)}]")
    text = ": HTTP: " + tcp.data.split(b"\r\n", 1)[0].decode() if length else ""
    return f"IP {'.'.join(map(str, here))} > {'.'.join(map(str, there))}: {', '.join(parts)}, length {length}{text}"


FLAGS = (
    (dpkt.tcp.TH_FIN, "F"),
    (dpkt.tcp.TH_SYN, "S"),
    (dpkt.tcp.TH_RST, "R"),
    (dpkt.tcp.TH_PUSH, "P"),
    (dpkt.tcp.TH_ACK, "."),
)


def _option(kind: int, value: bytes) -> str:
    number = int.from_bytes(value)
    match kind:
        case dpkt.tcp.TCP_OPT_EOL:
            return "eol"
        case dpkt.tcp.TCP_OPT_NOP:
            return "nop"
        case dpkt.tcp.TCP_OPT_MSS:
            return f"mss {number}"
        case dpkt.tcp.TCP_OPT_WSCALE:
            return f"wscale {number}"
        case dpkt.tcp.TCP_OPT_SACKOK:
            return "sackOK"
        case dpkt.tcp.TCP_OPT_TIMESTAMP:
            return f"TS val {number >> 32} ecr {number & 0xFFFFFFFF}"
    raise ValueError(f"a TCP option of kind {kind}, which no packet here has had before")
