"""Output that Docker lost: a fault of the engine on a starved machine, which says nothing of a claim.

When a container has ended, the daemon deletes its task, and that gives up on an output that it has not begun to read; so
`docker run` prints nothing at all and ends with the container's own exit status. https://github.com/moby/moby/issues/49655
"""

from collections.abc import Sequence

from verify.lab.machine import Capture

WAITS = "docker run "
DETACHED = (" -d ", " --detach ")


def lost(before: Sequence[Capture], seen: Sequence[Capture]) -> str:
    """The first command of which Docker lost what the evidence has, and says that it did; empty if there is none.

    All that a container printed is gone, and nothing else is otherwise: where half of it or another exit status came, it
    is the engine's answer.
    """
    for was, now in zip(before, seen, strict=False):
        if (was.command, was.exit_code) == (now.command, now.exit_code) and _is_lost(was, now):
            return f"Docker printed nothing of what a container said: {now.command}"
    return ""


def _is_lost(was: Capture, now: Capture) -> bool:
    waits = WAITS in now.command and not any(option in now.command for option in DETACHED)
    return waits and bool(was.stdout or was.stderr) and not (now.stdout or now.stderr)
