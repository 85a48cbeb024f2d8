"""Processes on a machine of the lab, spoken to through the outer engine: a shell that stays open, and terminals."""

import re
import secrets
import select
import socket
import struct
import time
from typing import Any, NoReturn

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
RUN = "/run/lab"
"""Where the files of the commands are that run on a machine."""
LIMIT_BYTES = 4 * 1024 * 1024
STDOUT, STDERR = 1, 2

# One shell a machine stays open and runs a command per NUL-ended line: starting a process through the engine for
# each would cost more than most commands themselves. Output goes through files on a tmpfs, so that it is bounded before
# it is sent, and what goes on in the background cannot write into the next command's. A command has a process group to
# itself (-m), with which it can be ended. Its first line is the boundary between outputs: it says nothing before that.
SHELL = f"""
set -m
mkdir -p {RUN} && cd {WORK} && IFS= read -r -d '' boundary && echo -n "$boundary" >{RUN}/boundary && echo $$
while IFS= read -r -d '' command; do
  bash -c "$command" </dev/null >{RUN}/stdout 2>{RUN}/stderr
  echo $?
  if [ -s {RUN}/stdout ] || [ -s {RUN}/stderr ]; then
    cat {RUN}/stdout {RUN}/boundary {RUN}/stderr {RUN}/boundary
  else
    echo -n "$boundary$boundary"
  fi
done
"""
END = "for each in $(pgrep --parent {shell}); do kill -KILL -- -$each; done"


class Stream:
    """A process in a container, and the connection to its standard streams.

    The process must print nothing before it is told to: what comes together with the answer of the engine that starts it,
    the SDK reads into a buffer of its own, and gives out the socket below it.
    """

    def __init__(self, name: str, container: Container, command: list[str], limit: int, tty: bool = False):
        self.closed = False
        self._name, self._limit, self._tty, self._api = name, limit, tty, container.client.api
        where = {"environment": ENVIRONMENT, "workdir": WORK}
        try:
            self._id = self._api.exec_create(container.id, command, stdin=True, tty=tty, **where)["Id"]
            self._socket: Any = self._api.exec_start(self._id, tty=tty, socket=True)
        except (APIError, OSError) as refusal:
            raise LabError(f"{name}: the outer engine did not start a command: {refusal}") from refusal
        raw = getattr(self._socket, "_sock", self._socket)
        self._raw: socket.socket = raw
        self._raw.settimeout(limit)
        self.received = {STDOUT: bytearray(), STDERR: bytearray()}

    def send(self, data: bytes) -> None:
        try:
            self._raw.sendall(data)
        except OSError as error:
            self.close()
            raise LabError(f"{self._name}: does not take commands any more: {error}") from error

    def read_until(self, pattern: str) -> None:
        wanted = re.compile(pattern.encode(), re.MULTILINE)
        deadline = time.monotonic() + self._limit
        while not wanted.search(self.received[STDOUT]):
            if time.monotonic() > deadline:
                self._fail(f"did not print {pattern!r} within {self._limit} s")
            self._receive_or_fail(repr(pattern))

    def read_to_end(self) -> None:
        while self._receive():
            pass

    def exit_code(self) -> int:
        self.close()
        return int(self._api.exec_inspect(self._id)["ExitCode"])

    def close(self) -> None:
        self.closed = True
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
            self._fail(f"printed nothing for {self._limit} s")
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
        raise LabError(f"{self._name}: a command {what}; it had printed: {printed[-500:]!r}")


class Shell(Stream):
    """The shell that runs a machine's commands, one after the other."""

    def __init__(self, name: str, container: Container, limit: int):
        super().__init__(name, container, ["bash", "-c", SHELL], limit)
        self._container = container
        self._boundary = secrets.token_hex(16).encode()
        self.send(self._boundary + b"\0")
        self._process = int(self._read_past(b"\n"))

    def answer(self, command: str, limit: int, before: str = "") -> tuple[int, bytes, bytes]:
        """Exit code, stdout and stderr of a command, which is ended if it goes on for longer than `limit` seconds."""
        self.send(f"{before}{command}\0".encode())
        if not (ended := bool(select.select([self._raw], [], [], limit)[0])):
            end = END.format(shell=self._process)
            Stream(self._name, self._container, ["bash", "-c", end], self._limit).read_to_end()
        exit_code = int(self._read_past(b"\n"))
        stdout, stderr = self._read_past(self._boundary), self._read_past(self._boundary)
        if not ended:
            raise LabError(f"{self._name}: did not end within {limit} s: {command}")
        return exit_code, stdout, stderr

    def _read_past(self, mark: bytes) -> bytes:
        """What was printed before `mark`, which is taken out, too."""
        while mark not in self.received[STDOUT]:
            self._receive_or_fail(repr(mark))
        before, _, self.received[STDOUT] = self.received[STDOUT].partition(mark)
        return bytes(before)
