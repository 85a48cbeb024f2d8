"""What a reader would have seen on the screen."""

import re
from collections.abc import Iterator

from verify.lab.machine import Capture


def streams(capture: Capture) -> Iterator[tuple[str, str]]:
    """What came on stdout and stderr, in the order in which it came.

    A command speaks on one of the two, or has its complaints at the end; but tcpdump first says on stderr where it
    listens, prints packets, and ends with its counts.
    """
    before, after = "", capture.stderr
    if listening := re.match(r"(?s)tcpdump: .*?listening on [^\n]*\n", capture.stderr):
        before, after = listening[0], capture.stderr[listening.end() :]
    for stream, text in (("stderr", before), ("stdout", capture.stdout), ("stderr", after)):
        if text:
            yield stream, text


def text(capture: Capture) -> str:
    """Both streams together."""
    return "".join(text for _, text in streams(capture))


def typed(terminal: Capture, line: str) -> str:
    """A terminal's prompt with `line` typed at it, and what was answered, up to the next prompt.

    Raises:
        ValueError: the line was not typed, or not answered.
    """
    prompt = r"^root@\S+:\S+# "
    found = re.search(rf"{prompt}{re.escape(line)}\n.*?(?={prompt})", terminal.stdout, re.MULTILINE | re.DOTALL)
    if not found:
        raise ValueError(f"nothing was answered to {line!r}:\n{terminal.stdout}")
    return found[0]
