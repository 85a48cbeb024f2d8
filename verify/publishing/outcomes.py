"""What came of a command on each engine, as a cell of a table says it: who refused it, with which exit status, and since when."""

from collections.abc import Mapping
from itertools import groupby

from verify.lab import engines
from verify.lab.machine import Capture
from verify.publishing.shown import recorded


def outcome(words: Mapping[str, str], name: str, only: str, of: str, effect: str) -> str:
    """What came of a claim's commands that contain `only`, on all engines of the kind `of`, the newest first.

    Where they were not refused, that they had the `effect`, which the claim is to have looked for: one of `words`. Whether
    they were refused, by whom, and whether anything was warned of, is read from the evidence.

    Raises:
        ValueError: there are no such commands, they did not come to the same, or no such effect.
    """
    if f"{effect}_silently" not in words:
        raise ValueError(f"there is no word for the effect {effect!r}")
    mine = [engine for engine in engines.load().values() if engine.kind == of]
    came = [(engine.generation, _on(words, name, only, engine, effect)) for engine in mine]
    groups = [(said, [generation for generation, _ in same]) for said, same in groupby(came, key=lambda each: each[1])]
    if not any(said for said, _ in groups):
        raise ValueError(f"claim {name!r} says nothing of {of.capitalize()}")
    parts = []
    for index, (said, generations) in enumerate(groups):
        first, last = index == 0, index == len(groups) - 1
        when = "always" if first and last else "until" if first else "since" if last else "between"
        if said:
            parts.append(words[when].format(said=said, first=generations[0], last=generations[-1]))
    return words["then"].join(reversed(parts))


def _on(words: Mapping[str, str], name: str, only: str, engine: engines.Engine, effect: str) -> str:
    """What came of it on one engine; empty if the claim does not speak of it."""
    seen = next((each for each in recorded(name) if each.engine == engine.name), None)
    if not seen:
        return ""
    runs = [capture for capture in seen.holds if only in capture.command]
    said = {_said(words, capture, engine, effect) for capture in runs}
    if len(said) != 1:
        what = f"came to {' and '.join(sorted(said))}" if said else "are none"
        raise ValueError(f"claim {name!r} on {engine.title}: its commands that contain {only!r} {what}")
    return said.pop()


def _said(words: Mapping[str, str], capture: Capture, engine: engines.Engine, effect: str) -> str:
    if capture.exit_code:
        return words[f"refused_by_{_refuser(capture, engine)}"].format(status=capture.exit_code)
    return words[f"{effect}_{'warned' if capture.stderr else 'silently'}"]


def _refuser(capture: Capture, engine: engines.Engine) -> str:
    """Who refused a command, as the message tells: Docker's client names the daemon, and the daemon the runtime."""
    if engine.kind == "podman":
        return "podman"
    if "OCI runtime" in capture.stderr:
        return "runtime"
    return "daemon" if "Error response from daemon: " in capture.stderr else "client"
