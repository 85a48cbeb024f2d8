"""What may differ between two runs of the same command, field by field, and nothing else.

A mask names a command, a field of its output, and the kind of value that stands there. Two outputs agree if they are
equal once every masked value has been replaced by what it *means*: the second port met, the address that follows from
that MAC, the acknowledgement of that sequence number. A value of the right shape in the wrong relation stays as it is,
and so differs.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, product

from verify.lab.machine import Capture

NAMES = r"host, bridge|bridge, host"
EITHER = (
    r"cannot connect container to host network - container must be created in host network mode|"
    r"container sharing network namespace with another container or host cannot be connected to any other network"
    r'|failed to add interface veth[0-9a-f]{7} to sandbox: error setting interface "veth[0-9a-f]{7}" IP to 172\.17\.0\.2/16: '
    r"cannot program address 172\.17\.0\.2/16 in sandbox interface because it conflicts with existing route {Ifindex: \d+ "
    r"Dst: 172\.17\.0\.0/16 Src: 172\.17\.0\.1 Gw: <nil> Flags: \[\] Table: 254 Realm: 0}"
)
TOKEN = r"SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}"
PASSING = r'time="\S+" level=error msg="error waiting for container: context canceled"\n'
NUMBER = r"\d+"
TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+(?:Z| \+0000 UTC)"
IFCONFIG = r"ifconfig|docker exec -it"
KINDS = {
    **dict.fromkeys(("ack", "bytes", "count", "echo", "inode", "packets", "port", "scale", "seq", "timestamp"), NUMBER),
    "either": EITHER,
    "eui64": r"fe80::[0-9a-f:]+",
    "id": r"[0-9a-f]{64}|[0-9a-f]{12}",
    "mac": r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}",
    "names": NAMES,
    "object": r"[0-9a-z]{25}",
    "passing": PASSING,
    "rate": r"[0-9,.]+ [kM]?B/s",
    "rounded": r"[0-9.]+ (?:[KMGTP]i)?B",
    "time": rf"{TIME}|\d{{4}}/\d\d/\d\d \d\d:\d\d:\d\d",
    "pid": r"[1-9]\d*",
    "token": TOKEN,
    "veth": r"veth[0-9a-f]{7}",
}
"""What a value of each kind looks like. Nothing else is masked, whatever a mask's pattern takes in."""


@dataclass(frozen=True)
class Mask:
    """In what a command prints, if `command` is found in it, the named groups of `field` are values of those kinds."""

    command: str
    field: str
    why: str
    why_ja: str

    def __str__(self) -> str:
        return f"the mask `{self.field}` on `{self.command}`"

    @property
    def kinds(self) -> Iterable[str]:
        return re.compile(self.field).groupindex

    def matches(self, command: str, text: str) -> Iterator[re.Match[str]]:
        """Where it finds its field in what `command` printed."""
        if re.search(self.command, command):
            yield from re.finditer(self.field, text, re.MULTILINE)


MASKS = (
    Mask(
        r"docker run .*-d\b", r"^(?P<id>[0-9a-f]{64})$", "the engine draws ids at random", "ID はエンジンが乱数で決める"
    ),
    Mask(
        r"docker run .*--link",
        r" container (?P<id>[0-9a-f]{64}) not attached to default bridge network$",
        "the engine draws ids at random",
        "ID はエンジンが乱数で決める",
    ),
    Mask(
        r"docker run .*--network host --network bridge",
        rf"network endpoints: (?P<names>{NAMES})\.$",
        "the engine takes two networks in no order",
        "エンジンが二つのネットワークを扱う順は決まっていない",
    ),
    Mask(
        r"docker run .*--network host --network bridge",
        rf"(?P<either>{EITHER})\.?$",
        "the engine takes two networks in no order",
        "エンジンが二つのネットワークを扱う順は決まっていない",
    ),
    Mask(
        r"docker run",
        rf"^(?P<passing>{PASSING})",
        "the client of Docker 20.10 says now and then that it stopped waiting for what never started",
        "Docker 20.10 のクライアントは、始まらなかったコンテナーを待つのをやめたと表示することがある",
    ),
    Mask(
        r"docker run .*-d\b",
        r" on endpoint \w+ \((?P<id>[0-9a-f]{64})\)",
        "the engine draws ids at random",
        "ID はエンジンが乱数で決める",
    ),
    Mask(
        r"docker run .* hostname$",
        r"^(?P<id>[0-9a-f]{12})$",
        "a container's own host name is its id",
        "コンテナー自身のホスト名は ID から決まる",
    ),
    Mask(
        r"docker (?:run|exec) .*cat /etc/hosts$",
        r"^\S+\t(?P<id>[0-9a-f]{12})(?: \w+)?$",
        "a container's own host name is its id",
        "コンテナー自身のホスト名は ID から決まる",
    ),
    Mask(
        r"docker network create",
        r"^(?P<id>[0-9a-f]{64})$",
        "the engine draws ids at random",
        "ID はエンジンが乱数で決める",
    ),
    Mask(
        r"docker network inspect",
        r"^(?:host )?(?P<id>[0-9a-f]{64})$",
        "the engine draws ids at random",
        "ID はエンジンが乱数で決める",
    ),
    Mask(
        r"docker build -q",
        r"^sha256:(?P<id>[0-9a-f]{64})$",
        "an image's id covers the time at which it was built",
        "イメージの ID にはビルドの時刻も入る",
    ),
    Mask(
        r"docker swarm init",
        r"^Swarm initialized: current node \((?P<object>[0-9a-z]{25})\) is now a manager\.$",
        "the swarm draws ids at random",
        "ID は Swarm が乱数で決める",
    ),
    Mask(
        r"docker swarm (?:init|join-token)",
        rf"(?:^| )(?P<token>{TOKEN})(?: |$)",
        "what lets a node join is secret, and drawn at random",
        "参加用のトークンは乱数で決まる",
    ),
    Mask(
        r"docker (?:service|network) create",
        r"^(?P<object>[0-9a-z]{25})$",
        "the swarm draws ids at random",
        "ID は Swarm が乱数で決める",
    ),
    Mask(
        r"docker service ps",
        rf'^"starting container failed: failed to set up container networking: (?P<either>{EITHER})"$',
        "the engine takes two networks in no order",
        "エンジンが二つのネットワークを扱う順は決まっていない",
    ),
    Mask(
        r"docker network ls", r"^(?P<id>[0-9a-f]{12}) ", "the engine draws ids at random", "ID はエンジンが乱数で決める"
    ),
    Mask(
        r"docker network inspect",
        rf"^(?P<time>{TIME})$",
        "when the engine made the network",
        "エンジンがネットワークを作った時刻",
    ),
    Mask(
        r"grep .*dockerd\.log",
        rf'^time="(?P<time>{TIME})"',
        "when the engine wrote to its log",
        "エンジンがログに書いた時刻",
    ),
    Mask(
        r"\bsocat\b",
        r"^(?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) socat\[\d+\] E ",
        "when socat reported it",
        "socat が報告した時刻",
    ),
    Mask(
        r"readlink /proc/self/ns",
        r"^(?:ipc|mnt|net|pid|user|uts):\[(?P<inode>\d+)\]$",
        "the kernel numbers namespaces as they are made",
        "カーネルが作った順に付ける番号",
    ),
    Mask(
        r"^ss -Hltnp ",
        r' users:\(\("[\w-]+",pid=(?P<pid>\d+),fd=\d+\)\)$',
        "the kernel numbers processes as they start",
        "プロセスが始まった順にカーネルが付ける番号",
    ),
    Mask(
        r"^docker inspect .*\.State\.Pid",
        r"^(?P<pid>\d+)$",
        "the kernel numbers processes as they start",
        "プロセスが始まった順にカーネルが付ける番号",
    ),
    Mask(
        r"^ls /sys/class/net$",
        r"^(?P<veth>veth[0-9a-f]{7})$",
        "the engine draws the names of its cables at random",
        "veth の名前はエンジンが乱数で決める",
    ),
    Mask(
        r"docker exec -it",
        r"^root@(?P<id>[0-9a-f]{12}):",
        "a container's own host name is its id",
        "コンテナー自身のホスト名は ID から決まる",
    ),
    Mask(
        IFCONFIG,
        r"^(?P<veth>veth[0-9a-f]{7}): ",
        "the engine draws the names of its cables at random",
        "veth の名前はエンジンが乱数で決める",
    ),
    Mask(
        IFCONFIG,
        r"^        ether (?P<mac>[0-9a-f:]{17})  txqueuelen 0 ",
        "docker0's address is drawn at random",
        "docker0 の MAC アドレスは乱数で決まる",
    ),
    Mask(
        IFCONFIG,
        r"^        ether (?!06:b5:10:1f:21:cd)(?P<mac>[0-9a-f:]{17})  txqueuelen 1000 ",
        "Podman's addresses are drawn at random; the host's own is not masked",
        "Podman の MAC アドレスは乱数で決まる (ホストの eth0 は伏せない)",
    ),
    Mask(
        IFCONFIG,
        r"^        inet6 (?P<eui64>fe80::[0-9a-f:]+)  prefixlen",
        "follows from the interface's MAC address",
        "インターフェースの MAC アドレスから決まる",
    ),
    Mask(
        IFCONFIG,
        r"^        [RT]X packets (?P<count>\d+)  bytes (?P<bytes>\d+) \((?P<rounded>[0-9.]+ (?:[KMGTP]i)?B)\)$",
        "counters run on",
        "カウンターは進み続ける",
    ),
    Mask(
        IFCONFIG,
        r"^        TX errors 0  dropped (?P<count>\d+) ",
        "what a bridge without members is given to send",
        "メンバーのいないブリッジに渡された送信パケットの数",
    ),
    Mask(
        r"docker exec",
        r"^Fetched \S+ k?B in (?P<count>\d+)s \((?P<rate>[0-9,.]+ [kM]?B/s)\)$",
        "how fast it went",
        "かかった時間と速さ",
    ),
    Mask(
        r"docker exec",
        r"^\(Reading database \.\.\. (?P<count>\d+) files",
        "what the image of the day holds",
        "その時のイメージの中身による",
    ),
    Mask(
        r"tcpdump",
        r"^IP 203\.0\.113\.150\.(?P<port>\d+) > ",
        "the client's kernel picks a port",
        "ポートはクライアントのカーネルが選ぶ",
    ),
    Mask(
        r"tcpdump",
        r"^IP 10\.3\.0\.183\.(?P<port>\d+) > 10\.3\.0\.183\.80: ",
        "the host's kernel picks a port",
        "ポートはホストのカーネルが選ぶ",
    ),
    Mask(
        r"tcpdump",
        r"^IP \S+ > 203\.0\.113\.150\.(?P<port>\d+): ",
        "the client's kernel picks a port",
        "ポートはクライアントのカーネルが選ぶ",
    ),
    Mask(
        r"tcpdump",
        r" Flags \[S\.?\], seq (?P<seq>\d+),",
        "the first sequence number is drawn at random",
        "最初のシーケンス番号は乱数で決まる",
    ),
    Mask(
        r"tcpdump",
        r" Flags \[[SR]\.\], seq \d+, ack (?P<ack>\d+),",
        "acknowledges the sequence number before it",
        "直前のシーケンス番号への確認応答",
    ),
    Mask(
        r"tcpdump",
        r"\bTS val (?P<timestamp>\d+) ecr (?P<echo>\d+)\b",
        "clocks start at random and echo each other",
        "時計は乱数から始まり、互いの値を送り返す",
    ),
    Mask(
        r"tcpdump",
        r" options \[mss 1460,.*,wscale (?P<scale>\d+)\]",
        "a container's buffers follow the machine's memory",
        "コンテナーのバッファーはマシンのメモリーで決まる",
    ),
    Mask(
        r"tcpdump",
        r"^(?P<packets>\d+) packets (?:captured|received by filter)$",
        "acknowledgements are sent as it suits",
        "確認応答をいつ送るかは状況による",
    ),
)


def problems(captures: Iterable[Capture]) -> Iterator[str]:
    """What is wrong with the masks, held against all that was seen."""
    idle = set(MASKS)
    wide: dict[tuple[Mask, str], str] = {}
    for capture, mask in product(captures, MASKS):
        for match in chain(
            mask.matches(capture.command, capture.stdout), mask.matches(capture.command, capture.stderr)
        ):
            idle.discard(mask)
            wide = {(mask, kind): match[kind] for kind in mask.kinds if not _is(kind, match[kind])} | wide
    for mask in MASKS:
        if unknown := [kind for kind in mask.kinds if kind not in KINDS]:
            yield f"{mask}\n  has no such kind of value as {', '.join(unknown)}. There are {', '.join(sorted(KINDS))}."
        if not (mask.why and mask.why_ja):
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
        for mask in MASKS
        for match in mask.matches(command, text)
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
            case "passing":
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
