"""The lab's machines as a claim knows them, played back from evidence."""

from collections.abc import Sequence
from typing import Self

from verify.lab.machine import Capture


class Unrecorded(Exception):
    """A claim runs a command that its evidence does not have at this place."""


class Cassette:
    """The captures of one run, handed out in the order in which they were made."""

    def __init__(self, captures: Sequence[Capture]):
        self._captures = list(captures)
        self._played = 0
        self.steps: list[str] = []
        """All that the claim has done: commands, what it typed, and what it waited for."""
        self.conditions: list[str] = []
        """The commands that it waited for to succeed, which no capture shows."""

    def next(self, on: str, command: str) -> Capture:
        """The next capture, which must be that of `command` on the machine `on`.

        Raises:
            Unrecorded: it is that of another command, or there is none.
        """
        if self._played == len(self._captures):
            raise Unrecorded(f"the evidence ends before {on}# {command}")
        capture = self._captures[self._played]
        self.steps.append(f"{on}# {command}")
        if (capture.on, capture.command) != (on, command):
            raise Unrecorded(f"the evidence has {capture.on}# {capture.command}, the claim runs {on}# {command}")
        self._played += 1
        return capture

    def check_end(self) -> None:
        """Raises Unrecorded if the claim left captures unused."""
        if self._played < len(self._captures):
            left = self._captures[self._played]
            raise Unrecorded(f"the evidence goes on with {left.on}# {left.command}, the claim does not")


class Machine:
    """Has the methods of `verify.lab.machine.Machine` that claims use; nothing is run."""

    def __init__(self, name: str, cassette: Cassette):
        self.name, self._cassette = name, cassette

    def run(self, command: str, files: Sequence[str] = ()) -> Capture:
        return self._cassette.next(self.name, command)

    def terminal(self, command: str, typed: Sequence[str], prompt: str) -> Capture:
        self._cassette.steps += typed
        return self._cassette.next(self.name, command)

    def start(self, command: str, until: str, files: Sequence[str] = ()) -> "Running":
        return Running(self, command)

    def until(self, condition: str) -> None:
        """What was waited for has happened."""
        self._cassette.conditions.append(condition)


class Running:
    """A command in the background, of which all that matters is what it had captured in the end."""

    def __init__(self, machine: Machine, command: str):
        self._machine, self._command = machine, command

    def wait(self, until: str) -> Self:
        return self

    def stop(self) -> Capture:
        return self._machine.run(self._command)
