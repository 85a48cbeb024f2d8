"""A machine of the lab, and commands on it: run as a reader would type them, and captured whole."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import pyte
from docker.models.containers import Container

from verify.lab.errors import LabError
from verify.lab.stream import ENVIRONMENT, LIMIT_BYTES, RUN, STDOUT, Shell, Stream

COLUMNS, ROWS = 160, 50
LIMIT_SECONDS = 60
CONTROL = re.compile(r"[^\n\t\x20-\x7e\xa0-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ufefe\uff00-\U0010ffff]")
"""Characters that could draw something else on a reader's screen than what was printed."""

# What goes on in the background is started, waited for and ended through the machine's one shell, too: its output goes to
# files, and `at` is where they are.
START = """
set -m
{{ echo $BASHPID >{at}.group; bash -c {command} </dev/null >{at}.stdout 2>{at}.stderr; echo $? >{at}.status; }} &
until [ -s {at}.pid ]; do sleep 0.01; done
"""
WAIT = """
printed() {{ grep -Pzq {pattern} {at}.stdout {at}.stderr; }}
until printed; do
  if [ -s {at}.status ]; then printed && exit; exit {ended}; fi
  [ $SECONDS -lt {limit} ] || exit {late}
  sleep 0.02
done
"""
STOP = """
kill -INT $(cat {at}.pid) 2>/dev/null
until [ -s {at}.status ]; do sleep 0.01; done
cat {at}.stdout; cat {at}.stderr >&2
status=$(cat {at}.status); rm {at}.*; exit $status
"""
ENDED, LATE = 3, 4
# Gives every terminal here the size of the outermost. An engine's client tells a container's terminal late, or not at all, and a
# shell that learns it while it takes a line draws that line twice; what is told again makes no difference.
SIZE = f"""
for each in /proc/[0-9]*/fd/0; do
  case $(readlink "$each") in /dev/pts/*) stty -F "$each" columns {COLUMNS} rows {ROWS};; esac
done 2>/dev/null || true
"""


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
        self.limit = LIMIT_SECONDS
        """How many seconds a command may take, or may be waited for."""
        self._shell: Shell | None = None
        self._started = 0

    def run(self, command: str, files: Sequence[str] = ()) -> Capture:
        """Runs `command` in a shell to its end; `files` are fetched from the working directory afterwards."""
        exit_code, stdout, stderr = self._answer(command, before=f"ulimit -Sf {LIMIT_BYTES // 1024}\n")
        return self._capture(command, exit_code, stdout, stderr, files)

    def start(self, command: str, until: str, files: Sequence[str] = ()) -> "Running":
        """Starts `command` in the background and waits until what it prints matches `until`."""
        self._started += 1
        at = f"{RUN}/{self._started}"
        inner = f"ulimit -Sf {LIMIT_BYTES // 1024}; echo $$ >{at}.pid; exec {command}"
        self.shell(START.format(command=shlex.quote(inner), at=at))
        running = Running(self, command, at, files)
        return running.wait(until) if until else running

    def terminal(self, command: str, typed: Sequence[str], prompt: str) -> Capture:
        """Runs `command` on a terminal, typing each line when `prompt` (a pattern) stands at the end.

        The capture's stdout is what one would have seen on the screen, the typed lines included.
        """
        begin = f"until [ -e {RUN}/attached ]; do sleep 0.01; done; rm {RUN}/attached; echo $$ >{RUN}/terminal"
        begin = f"{begin}; stty columns {COLUMNS} rows {ROWS}; exec {command}"
        stream = Stream(self.name, self.container, ["bash", "-c", begin], self.limit, tty=True)
        self.shell(f"touch {RUN}/attached")
        try:
            self._type(stream, typed, prompt)
        except LabError:
            self.shell(f"kill -KILL $(cat {RUN}/terminal)")
            raise
        screen = pyte.Screen(COLUMNS, len(stream.received[STDOUT].splitlines()) + 1)
        pyte.ByteStream(screen).feed(bytes(stream.received[STDOUT]))
        seen = "\n".join(line.rstrip() for line in screen.display).rstrip() + "\n"
        return self._capture(command, stream.exit_code(), seen.encode(), b"", ())

    def _type(self, stream: Stream, typed: Sequence[str], prompt: str) -> None:
        """Types each line when `prompt` stands at the end, and reads on to the end."""
        # A shell that learned the size of its terminal late has drawn its prompt again: only one that follows an echo is an
        # answer.
        echo = ""
        for line in typed:
            stream.read_until(rf"{echo}(?:{prompt})\Z")
            self.shell(SIZE)
            stream.send(line.encode() + b"\n")
            echo += rf"(?s:{re.escape(line)}\s*\n.*)"
        stream.read_to_end()

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
        limit = limit or self.limit
        if "\0" in command:
            raise LabError(f"{self.name}: a command cannot hold a NUL: {command!r}")
        self.used = True
        if self._shell is None or self._shell.closed:
            self._shell = Shell(self.name, self.container, self.limit)
        return self._shell.answer(command, limit, before)

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

    def __init__(self, machine: Machine, command: str, at: str, files: Sequence[str]):
        self._machine, self._command, self._at, self._files = machine, command, at, files

    def wait(self, until: str) -> Self:
        """Waits until what the command has printed, on stdout or stderr, matches the pattern `until` (as grep -P has it)."""
        limit = self._machine.limit
        values = {"at": self._at, "pattern": shlex.quote(f"(?m){until}"), "ended": ENDED, "late": LATE, "limit": limit}
        status, _, _ = self._machine._answer(WAIT.format(**values), limit + 10)
        if status:
            what = "ended before it printed" if status == ENDED else f"did not print within {limit} s"
            end = f"kill -KILL -- -$(cat {self._at}.group) 2>/dev/null"
            printed = self._machine.shell(f"{end}; tail -c 500 -q {self._at}.std*; rm {self._at}.*")
            raise LabError(f"{self._machine.name}: {self._command} {what} {until!r}; it had printed: {printed!r}")
        return self

    def stop(self) -> Capture:
        """Ends the command as Ctrl-C would."""
        exit_code, stdout, stderr = self._machine._answer(STOP.format(at=self._at))
        return self._machine._capture(self._command, exit_code, stdout, stderr, self._files)


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
