"""What came of one command, as its exit status and its words tell: who refused it, or whether it reached what it asked."""

import re
from dataclasses import dataclass

from verify.lab.machine import Capture

EFFECTS = ("works", "possible", "ignored", "aside")
"""What a command that was not refused can have done. No exit status tells them apart: the claim is to have looked."""
REACH = ("reached", "unreached")
"""What can come of a command that asks something on a network, or that tells what arrived there."""
DECLARED = ("refused", *EFFECTS, *REACH)
DENIED = re.compile(
    "Operation not permitted|Permission denied|Read-only file system|Address already in use|You don't have permission"
)
"""What the kernel says to a program in a container, as that words it."""
AWAY = re.compile(
    "Connection refused|No route to host|Network is unreachable|timed out|bad address|DNS lookup failure"
    r"|No such file or directory|\b0 packets captured|\b50[234]\b"
)
"""How programs word that they did not reach what they asked, or that nothing arrived; the last are the answers of a proxy."""
UNCONNECTED = (6, 7, 28)
"""Curl's exit statuses for no such name, no connection, and a time that ran out."""
NOTES = re.compile(
    r"\s*|\s(?:Container|Network) \S+ +\w+\s*|Creating .*|image \S+ could not be accessed .*|its digest\. .*|possibly leading .*"
    r"|versions of the image\.|.*--detach=false.*"
)
"""Lines on stderr that warn of nothing: how far Compose is, and what `docker service` and `docker stack` always say."""
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True)
class Came:
    """What came of a command."""

    what: str
    """One of `DECLARED`."""
    word: str
    """The key of what is said of it, among the words for outcomes."""
    status: str = ""
    """The exit status, or the words that say why."""


def came(capture: Capture, kind: str, declared: tuple[str, ...]) -> Came:
    """What came of a command on a kind of engine; that it was not refused means what of `declared` the claim looked for.

    Raises:
        ValueError: its exit status and its words do not tell.
    """
    if set(declared) <= set(REACH):
        return _reach(capture)
    if refused := _refused(capture, kind):
        return refused
    if "|" in QUOTED.sub("", capture.command) and "service ps" not in capture.command:
        raise ValueError(f"a pipe hides the exit status of: {capture.command}")
    effect = next((each for each in declared if each in EFFECTS), EFFECTS[0])
    warned = "docker logs" not in capture.command and not all(map(NOTES.fullmatch, capture.stderr.splitlines()))
    return Came(effect, f"{effect}_{'warned' if warned else 'silently'}")


def _reach(capture: Capture) -> Came:
    says = capture.stderr + capture.stdout
    if away := AWAY.search(says):
        return Came("unreached", "unreached_because", away[0])
    if not capture.exit_code:
        return Came("reached", "reached") if capture.stdout.strip() else Came("unreached", "unreached")
    if capture.command.startswith("curl") and capture.exit_code in UNCONNECTED:
        return Came("unreached", "unreached_because", f"curl: {capture.exit_code}")
    raise ValueError(f"neither reached nor unreached, but exit status {capture.exit_code}, came of: {capture.command}")


def _refused(capture: Capture, kind: str) -> Came | None:
    """That a command was refused, and by whom; or so was what it tells of: the tasks of a service, or a server and its log."""
    if "service ps" in capture.command:
        return Came("refused", "refused_by_task") if capture.stdout.replace("Running", "").strip() else None
    if ".State.Status" in capture.command and (ended := re.match(r"exited (\d+)", capture.stdout)):
        return Came("refused", "refused_by_unnamed", ended[1])
    denied = DENIED.search(capture.stderr + capture.stdout)
    if capture.exit_code or (denied and "docker logs" in capture.command):
        who = _refuser(capture, kind, bool(denied))
        return Came("refused", f"refused_by_{who}", denied[0] if denied and who == "kernel" else str(capture.exit_code))
    return None


def _refuser(capture: Capture, kind: str, denied: bool) -> str:
    """Who refused a command, as the message tells: Docker's client names the daemon, and the daemon the runtime."""
    if kind == "podman":
        return "kernel" if denied and not capture.stderr.startswith("Error") else "unnamed"
    if "OCI runtime" in capture.stderr:
        return "runtime"
    if "Error response from daemon: " in capture.stderr:
        return "daemon"
    if denied:
        return "kernel"
    programs = {"docker-compose": "unnamed", "docker compose": "compose", "docker build": "builder"}
    return next((who for program, who in programs.items() if program in capture.command), "client")
