"""What engines said when they refused or warned: every message that claims met in the worlds in which they hold."""

import re
from dataclasses import dataclass, field
from typing import Any

from markdown import markdown
from markdown.extensions.toc import slugify, unique
from markupsafe import Markup

from verify.judging import claim, masks, sentences
from verify.judging.evidence import Evidence
from verify.lab import engines
from verify.lab.machine import Capture
from verify.publishing import pages
from verify.publishing.render import render, spelt
from verify.publishing.shown import Place, links, recorded
from verify.publishing.written import said

SPOKEN = re.compile(r"^(?:docker: |Error|ERROR|WARNING|Port mappings |time=\S+ level=(?:warning|error) )", re.MULTILINE)
"""How an engine begins to speak of itself: what a container's own process complains of does not begin so."""
OPENING = re.compile(
    r"(?:docker: |Error response from daemon: |Error: |ERROR: |WARNING: |for \w+  |failed to create network \S+: |"
    r"failed to build: |\w+ (?=Published ports are ))*"
)
OF_ONE_RUN = re.compile(
    r"\b[0-9a-f]{64}\b|(?<=\bveth)[0-9a-f]+|(?<=\bon endpoint )\w+|(?<=\bor ID )\w+|(?<= \{)[^}]*(?=\}$)|"
    r"\b(?!127\.)\d+(?:\.\d+){3}(?:/\d+)?|(?<=:)\d+\b"
)
"""Names, addresses, ports and ids in what a message is about: a reader's are others."""
DOING = {
    "compose": r"docker(?: compose|-compose) ",
    "swarm": r"docker (?:service|stack|swarm) ",
    "build": r"docker (?:build|buildx) ",
    "network": r"docker network ",
    "run": r"",
}
"""What one was doing, by the command that met a message: the first that fits."""
ALL_SPOKEN = re.compile(r"\bdocker(?:-compose| compose| stack) ")
"""Commands that say everything themselves, without an opening, between lines of progress."""
PROGRESS = re.compile(r"^(?:Creating .*| (?:Container|Network) \S+  \w+ *|)\n", re.MULTILINE)
TASK_ERROR = "{{.Error}}"


@dataclass
class Wording:
    """A message as some engines word it."""

    text: str
    """Whole, as it was captured; values that always change are those of one run."""
    seen: dict[str, Evidence] = field(default_factory=dict)
    """The evidence of it by engine."""


@dataclass
class Message:
    """What an engine said, in all its wordings, each by its text with masked values replaced by what they mean."""

    title: str
    """As it was captured on the newest engine."""
    wordings: dict[str, Wording] = field(default_factory=dict)
    met: dict[tuple[str, str], None] = field(default_factory=dict)
    """By which claim, with which command, in the order in which they were met."""


def messages(*, warnings: bool) -> list[Message]:
    """All warnings (what was said by commands that succeeded), or all errors, in the order of their titles."""
    found: dict[str, Message] = {}
    seen = [each for name in claim.declared() for each in recorded(name)]
    for each in sorted(seen, key=lambda each: list(engines.load()).index(each.engine), reverse=True):
        for capture in each.holds:
            text = spoken(capture)
            if text and warnings is (capture.exit_code == 0 and TASK_ERROR not in capture.command):
                meaning = masks.meaning(capture.command, text)
                message = found.setdefault(title(text), Message(title(text)))
                message.wordings.setdefault(meaning, Wording(text)).seen.setdefault(each.engine, each)
                message.met[each.claim, capture.command] = None
    return sorted(found.values(), key=lambda message: message.title.casefold())


def spoken(capture: Capture) -> str:
    """What the engine itself said on stderr, or of a task of its own; empty if nothing."""
    if TASK_ERROR in capture.command:
        return capture.stdout.lstrip("\n")
    if begin := re.search(r"\bdocker", capture.command) and SPOKEN.search(capture.stderr):
        return capture.stderr[begin.start() :].partition("\nTraceback ")[0]
    return PROGRESS.sub("", capture.stderr) if ALL_SPOKEN.search(capture.command) else ""


def title(text: str) -> str:
    """What a message is about: its first sentence, without who speaks, a task's quotes, a full stop and what is of one run."""
    line = text.strip().replace(":\n", ": ").splitlines()[0].strip()
    return OF_ONE_RUN.sub("…", OPENING.sub("", re.sub(r'^"(.*)"$', r"\1", line), count=1).removesuffix("."))


def doing(message: Message) -> str:
    """What one was doing who first met a message, a key of `DOING`."""
    command = next((command for _, command in message.met), "")
    return next(what for what, pattern in DOING.items() if re.search(pattern, command))


def listing(which: str, only: str, place: Place) -> Markup:
    """All messages of a kind, `warnings` or `errors`, or those that one met in `only`, a key of `DOING`.

    Each stands below a heading of its own, by which the search finds it.
    """
    ids: set[str] = set()
    parts = []
    for message in messages(warnings=which == "warnings"):
        anchor = unique(slugify(f"{which.removesuffix('s')} {message.title}"[:80], "-"), ids)
        if only in ("", doing(message)):
            wordings = [(links(list(reversed(each.seen.values()))), each.text) for each in message.wordings.values()]
            met = [_met(*each, place) for each in message.met]
            meanings = dict.fromkeys(each["meaning"] for each in met)
            values = {"anchor": anchor, "title": message.title, "meanings": meanings, "wordings": wordings, "met": met}
            parts.append(render("message", words=place.words, root=place.root, **values))
    return Markup().join(parts)


def finder(page: str, _: str, place: Place) -> Markup:
    """A field for what an engine said, which finds the message among the sections of a page."""
    return render("finder", words=place.words, root=place.root, only=f"{place.url(page)}#")


def _met(claim: str, command: str, place: Place) -> dict[str, Any]:
    """A command that met a message, what that means in the words of the claim, and the place that says more."""
    sentence = sentences.sentence(claim, place.language)
    meaning = Markup(markdown(said(pages.LINK.sub(r"\1", sentence.text), place.language)))
    heading = spelt(pages.heading(sentence))
    return {"claim": claim, "command": command, "meaning": meaning, "url": place.url(sentence.page), "heading": heading}
