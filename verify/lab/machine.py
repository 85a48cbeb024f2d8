"""A machine of the lab, and commands on it: run as a reader would type them, and captured whole."""

import re
import secrets
import select
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

import pyte
from docker.errors import APIError
from docker.models.containers import Container

from verify.lab.errors import LabError

ENVIRONMENT = {
    "HOME": "/root",
    "TERM": "dumb",
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    # Podman 5 says of every command that it dislikes the cgroup version of the machine under the lab.
    "PODMAN_IGNORE_CGROUPSV1_WARNING": "1",
}
WORK = "/root"
COLUMNS, ROWS = 160, 50
LIMIT_SECONDS = 60
LIMIT_BYTES = 4 * 1024 * 1024
STDOUT, STDERR = 1, 2
CONTROL = re.compile(r"[^\n\t\x20-\x7e\xa0-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ufefe\uff00-\U0010ffff]")
"""Characters that could draw something else on a reader's screen than what was printed."""

# One shell a machine stays open and runs a command per NUL-ended line: starting a process through the engine for
# each would cost more than most commands themselves. Output goes through files on a tmpfs, so that it is bounded before
# it is sent, and what goes on in the background cannot write into the next command's. A command has a process group to
# itself (-m), with which it can be ended.
SHELL = f"""
set -m
mkdir -p /run/lab && cd {WORK} && echo -n "$1" >/run/lab/boundary && echo $$
while IFS= read -r -d '' command; do
  bash -c "$command" </dev/null >/run/lab/stdout 2>/run/lab/stderr
  echo $?
  if [ -s /run/lab/stdout ] || [ -s /run/lab/stderr ]; then
    cat /run/lab/stdout /run/lab/boundary /run/lab/stderr /run/lab/boundary
  else
    echo -n "$1$1"
  fi
done
"""
# Gives every terminal here the size of the outermost. An engine's client tells a container's terminal late, or not at all, and a
# shell that learns it while it takes a line draws that line twice; what is told again makes no difference.
SIZE = f"""
for each in /proc/[0-9]*/fd/0; do
  case $(readlink "$each") in /dev/pts/*) stty -F "$each" columns {COLUMNS} rows {ROWS};; esac
done 2>/dev/null || true
"""
END = "for each in $(pgrep --parent {shell}); do kill -KILL -- -$each; done"


@dataclass(frozen=True)
class Capture:
    """One command as it was run."""

    on: str
    """The machine: `host`, `router`, `client` or `second`."""
    command: str
    exit_code: int
    stdout: str
    stderr: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    """What came with it, such as packets or a screenshot, by file name."""


class Machine:
    """A machine of the lab.

    Raises, in every method:
        LabError: the machine does not answer, the command did not end in time, or it printed what cannot be kept.
    """

    def __init__(self, name: str, container: Container):
        self.name = name
        self.container = container
        self.tape: list[Capture] = []
        """What was captured on this machine, in order; machines can share one."""
        self.used = True
        """Whether anything has been run here since this was last set back."""
        self._shell: _Shell | None = None

    def run(self, command: str, files: Sequence[str] = ()) -> Capture:
        """Runs `command` in a shell to its end; `files` are fetched from the working directory afterwards."""
        exit_code, stdout, stderr = self._answer(command, before=f"ulimit -Sf {LIMIT_BYTES // 1024}\n")
        return self._capture(command, exit_code, stdout, stderr, files)

    def start(self, command: str, until: str, files: Sequence[str] = ()) -> "Running":
        """Starts `command` in the background and waits until what it prints matches `until`."""
        stream = _Stream(self, ["bash", "-c", f"echo $$ >&2; exec {command}"])
        return Running(self, command, stream, files, until)

    def terminal(self, command: str, typed: Sequence[str], prompt: str) -> Capture:
        """Runs `command` on a terminal, typing each line when `prompt` (a pattern) stands at the end.

        The capture's stdout is what one would have seen on the screen, the typed lines included.
        """
        stream = _Stream(self, ["bash", "-c", f"stty columns {COLUMNS} rows {ROWS}; exec {command}"], tty=True)
        # A shell that learned the size of its terminal late has drawn its prompt again: only one that follows an echo is an
        # answer.
        echo = ""
        for line in typed:
            stream.read_until(rf"{echo}(?:{prompt})\Z")
            self.shell(SIZE)
            stream.send(line.encode() + b"\n")
            echo += rf"(?s:{re.escape(line)}\s*\n.*)"
        stream.read_to_end()
        screen = pyte.Screen(COLUMNS, len(stream.received[STDOUT].splitlines()) + 1)
        pyte.ByteStream(screen).feed(bytes(stream.received[STDOUT]))
        seen = "\n".join(line.rstrip() for line in screen.display).rstrip() + "\n"
        return self._capture(command, stream.exit_code(), seen.encode(), b"", ())

    def daemon(self, command: str) -> None:
        """Starts `command`, free of the limits that a captured command has."""
        api = self.container.client.api
        made = api.exec_create(self.container.id, ["bash", "-c", f"exec {command}"], environment=ENVIRONMENT)
        api.exec_start(made["Id"], detach=True)

    def until(self, condition: str) -> None:
        """Waits until the command `condition` succeeds."""
        self.shell(f"until {condition}; do sleep 0.02; done")

    def shell(self, command: str, limit: int | None = None) -> str:
        """What `command` prints; it must succeed within `limit` seconds, or LIMIT_SECONDS, and is not captured."""
        exit_code, stdout, stderr = self._answer(command, limit)
        if exit_code:
            raise LabError(
                f"{self.name}: exit status {exit_code}: {command}\n{stderr.decode(errors='replace').strip()}"
            )
        return stdout.decode(errors="replace")

    def succeeds(self, command: str) -> bool:
        """Whether `command` exits with 0; it is not captured."""
        return self._answer(command)[0] == 0

    def close(self) -> None:
        """Lets go of the machine's shell."""
        if self._shell:
            self._shell.close()
        self._shell = None

    def _answer(self, command: str, limit: int | None = None, before: str = "") -> tuple[int, bytes, bytes]:
        limit = limit or LIMIT_SECONDS
        if "\0" in command:
            raise LabError(f"{self.name}: a command cannot hold a NUL: {command!r}")
        self.used = True
        shell = self._shell = self._shell or _Shell(self)
        shell.send(f"{before}{command}\0".encode())
        if not (ended := shell.speaks_within(limit)):
            _Stream(self, ["bash", "-c", END.format(shell=shell.process)]).read_to_end()
        exit_code = int(shell.read_past(b"\n"))
        stdout, stderr = shell.read_past(shell.boundary), shell.read_past(shell.boundary)
        if not ended:
            raise LabError(f"{self.name}: did not end within {limit} s: {command}")
        return exit_code, stdout, stderr

    def _capture(self, command: str, code: int, stdout: bytes, stderr: bytes, files: Sequence[str]) -> Capture:
        if max(len(stdout), len(stderr)) >= LIMIT_BYTES:
            raise LabError(f"{self.name}: printed more than {LIMIT_BYTES} bytes: {command}")
        capture = Capture(
            self.name,
            command,
            code,
            _text(stdout, f"{self.name}: stdout of {command}"),
            _text(stderr, f"{self.name}: stderr of {command}"),
            {name: self._answer(f"cat -- '{name}'")[1] for name in files},
        )
        self.tape.append(capture)
        return capture


class Running:
    """A command in the background, such as a tcpdump that waits for packets."""

    def __init__(self, machine: Machine, command: str, stream: "_Stream", files: Sequence[str], until: str):
        self._machine, self._command, self._stream, self._files = machine, command, stream, files
        stream.read_until(r"\A\d+\n", STDERR)
        self._pid, _, rest = bytes(stream.received[STDERR]).partition(b"\n")
        stream.received[STDERR] = bytearray(rest)
        self.wait(until)

    def wait(self, until: str) -> Self:
        """Waits until what the command has printed, on stdout or stderr, matches the pattern `until`."""
        self._stream.read_until(until, STDOUT, STDERR)
        return self

    def stop(self) -> Capture:
        """Ends the command as Ctrl-C would."""
        self._machine.shell(f"kill -INT {self._pid.decode()}")
        self._stream.read_to_end()
        stdout, stderr = (bytes(self._stream.received[stream]) for stream in (STDOUT, STDERR))
        return self._machine._capture(self._command, self._stream.exit_code(), stdout, stderr, self._files)


def _text(output: bytes, what: str) -> str:
    """Output as text. Control characters could draw something else on a reader's screen than what was printed."""
    try:
        text = output.decode()
    except UnicodeDecodeError as error:
        raise LabError(f"{what}: byte {error.start} is not UTF-8: {output[error.start : error.start + 8]!r}") from None
    text = "\n".join(_overwritten(line) for line in text.replace("\r\n", "\n").split("\n"))
    if found := CONTROL.search(text):
        raise LabError(f"{what}: character {found.start()} is a control character, {found.group()!r}")
    return text


def _overwritten(line: str) -> str:
    """What a line looks like in the end where a carriage return sent the cursor back, as progress displays do."""
    shown = ""
    for part in line.split("\r"):
        shown = part + shown[len(part) :]
    return shown


class _Stream:
    """A process in a container, and the connection to its standard streams."""

    def __init__(self, machine: Machine, command: list[str], tty: bool = False):
        machine.used = True
        self._machine, self._tty, self._api = machine, tty, machine.container.client.api
        where = {"environment": ENVIRONMENT, "workdir": WORK}
        try:
            self._id = self._api.exec_create(machine.container.id, command, stdin=True, tty=tty, **where)["Id"]
            self._socket: Any = self._api.exec_start(self._id, tty=tty, socket=True)
        except (APIError, OSError) as refusal:
            raise LabError(f"{machine.name}: the outer engine did not start a command: {refusal}") from refusal
        raw = getattr(self._socket, "_sock", self._socket)
        self._raw: socket.socket = raw
        self._raw.settimeout(LIMIT_SECONDS + 10)
        self.received = {STDOUT: bytearray(), STDERR: bytearray()}

    def speaks_within(self, seconds: int) -> bool:
        """Whether there is something to read before so much time has passed."""
        return bool(select.select([self._raw], [], [], seconds)[0])

    def send(self, data: bytes) -> None:
        try:
            self._raw.sendall(data)
        except OSError as error:
            raise LabError(f"{self._machine.name}: does not take commands any more: {error}") from error

    def read_past(self, mark: bytes) -> bytes:
        """What was printed before `mark`, which is taken out, too."""
        while mark not in self.received[STDOUT]:
            self._receive_or_fail(repr(mark))
        before, _, self.received[STDOUT] = self.received[STDOUT].partition(mark)
        return bytes(before)

    def read_until(self, pattern: str, *streams: int) -> None:
        wanted = re.compile(pattern.encode(), re.MULTILINE)
        deadline = time.monotonic() + LIMIT_SECONDS
        while not any(wanted.search(self.received[stream]) for stream in streams or (STDOUT,)):
            if time.monotonic() > deadline:
                self._fail(f"did not print {pattern!r} within {LIMIT_SECONDS} s")
            self._receive_or_fail(repr(pattern))

    def read_to_end(self) -> None:
        while self._receive():
            pass

    def exit_code(self) -> int:
        self.close()
        return int(self._api.exec_inspect(self._id)["ExitCode"])

    def close(self) -> None:
        # The socket was taken out of an HTTP response, which complains when it is collected after its socket is closed.
        if response := getattr(self._socket, "_response", None):
            response.close()
        self._socket.close()

    def _receive_or_fail(self, awaited: str) -> None:
        if not self._receive():
            self._fail(f"ended before it printed {awaited}")

    def _receive(self) -> bool:
        """Takes in what comes next; False at the end."""
        try:
            if self._tty:
                stream, data = STDOUT, self._raw.recv(65536)
            else:  # by hand, since the SDK's own reading waits for ever
                header = self._read_frame(8)
                stream, length = struct.unpack(">BxxxL", header) if len(header) == 8 else (STDOUT, 0)
                data = self._read_frame(length)
        except TimeoutError:
            self._fail(f"printed nothing for {self._raw.gettimeout():.0f} s")
        except OSError as error:
            self._fail(f"cut the connection: {error}")
        if data:
            self.received[stream] += data
        if len(self.received[stream]) > 4 * LIMIT_BYTES:
            self._fail(f"printed more than {4 * LIMIT_BYTES} bytes")
        return bool(data)

    def _read_frame(self, length: int) -> bytes:
        data = b""
        while len(data) < length and (more := self._raw.recv(length - len(data))):
            data += more
        return data

    def _fail(self, what: str) -> NoReturn:
        printed = b"".join(bytes(buffer) for buffer in self.received.values()).decode(errors="replace")
        self.close()
        if self._machine._shell is self:
            self._machine._shell = None
        raise LabError(f"{self._machine.name}: a command {what}; it had printed: {printed[-500:]!r}")


class _Shell(_Stream):
    """The shell that runs a machine's commands."""

    def __init__(self, machine: Machine):
        self.boundary = secrets.token_hex(16).encode()
        super().__init__(machine, ["bash", "-c", SHELL, "shell", self.boundary.decode()])
        self.process = int(self.read_past(b"\n"))
