"""Diagrams as SVG files: the lab, the way of a packet in each network mode, and the namespaces that a container shares."""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from verify import ROOT
from verify.judging.sentences import line_of, source
from verify.lab import engines, wires
from verify.publishing import pages, ways
from verify.publishing.render import render
from verify.publishing.shown import recorded, shown, title
from verify.publishing.words import WORDS, file_of

BROWSED = "browser_gets_the_page_with_no_port_published"
"""A claim in which the browser takes part, and the engine."""
NAMESPACES = (
    "network_namespace_is_the_hosts",
    "user_namespace_is_the_hosts",
    "other_namespaces_are_the_containers_own",
)
"""The claims that compare a container's namespaces with the host's."""
LINK = re.compile(r"^(\w+):\[(\d+)\]$", re.MULTILINE)
IMAGE = re.compile(r"!\[[^\]]*\]\((?:\.\./)*assets/(?P<name>\w+)(?:\.\w+)?\.svg\)")
LEFT, APART, HEAD, LABEL, STEP, GAP = 16, 236, 46, 28, 40, 8
"""Sizes of the ways: where they begin, from one to the next, above the first stop, for a namespace's name, for a stop, and between."""


def drawn() -> dict[str, str]:
    """All diagrams in every language, by file name."""
    draws = {"lab": _lab, "ways": _ways, "namespaces": _namespaces}
    return {file_of(name, language): draw(language) for name, draw in draws.items() for language in WORDS}


def rests(block: str) -> set[str]:
    """The claims that the diagrams in a block of a page are drawn from."""
    of = {"ways": ways.claims(), "namespaces": set(NAMESPACES)}
    return set().union(*(of.get(image["name"], ()) for image in IMAGE.finditer(block)))


def problems(root: Path = ROOT) -> Iterator[str]:
    """What would be drawn and was not seen: on which pages, what, and what to do."""
    compares_none = "compares no namespace of a host-mode container with the host's. Draw from one that does"
    bare = [
        f"claim {name!r} {compares_none}: verify/publishing/diagrams.py." for name in NAMESPACES if not shared(name)
    ]
    said = {"ways": list(ways.problems()), "namespaces": bare}
    for picture, several in said.items():
        where = [
            f"{page.relative_to(root)}:{line_of(source(page), image.start())}"
            for page in pages.every(root)
            for image in IMAGE.finditer(source(page))
            if image["name"] == picture
        ]
        yield from (f"{', '.join(where)}: {picture}.svg: {each}" for each in several)


def shared(name: str, world: int = 0) -> dict[str, bool]:
    """Whether a host-mode container of a claim has the host's namespace of each kind, `net` and so on, that both printed."""
    host, container = dict[str, str](), dict[str, str]()
    for capture in list(shown(name).worlds.values())[world] if recorded(name) else ():
        if not capture.command.startswith("docker run"):
            host |= LINK.findall(capture.stdout)
        elif re.search(ways.HOST_RUN, capture.command):
            container |= LINK.findall(capture.stdout)
    return {kind: host[kind] == container[kind] for kind in container if kind in host}


def _lab(language: str) -> str:
    """The machines and cables of `verify/lab/wires.py`, and what a claim's evidence says that it ran on which."""
    words, seen = WORDS[language], shown(BROWSED)
    said = words["lab"]
    has = {wires.ROUTER: [wires.MIRROR, said["mirror"]], wires.SECOND.machine: [said["second"]]}
    for capture in seen.holds:
        if capture.command.startswith("chromium"):
            has[capture.on] = [seen.provenance["browser"]]
        elif capture.command.startswith("docker run"):
            has[capture.on] = [title(seen), said["engines"].format(count=len(engines.load()) - 1)]
    cables = (wires.CLIENT, wires.HOST, wires.SECOND)
    addresses = {c.machine: [*{c.hostname} - {c.machine}, f"eth0 {c.address}/24"] for c in cables}
    addresses[wires.ROUTER] = [f"{each.port} {each.gateway}/24" for each in cables]
    places = {wires.CLIENT: (28, 132), wires.HOST: (28, 260), wires.SECOND: (244, 260)}
    laid = [{"x": x + 60, "y": y, "mtu": said["cable"].format(mtu=each.mtu)} for each, (x, y) in places.items()]
    boxes = {
        "client": (28, 76, 424, 56),
        "router": (28, 176, 424, 84),
        "host": (28, 304, 208, 114),
        "second": (244, 304, 208, 114),
    }
    machines = [
        {"name": words["machine"][machine], "has": has[machine], "addresses": addresses[machine]}
        | dict(zip(("x", "y", "width", "height"), box, strict=True))
        | {"passing": machine == wires.SECOND.machine}
        for machine, box in boxes.items()
    ]
    told = [f"{each['name']}: {', '.join([*each['has'], *each['addresses']])}" for each in machines]
    return _picture("lab", language, 436, [said["note"], *told], machines=machines, wires=laid)


def _ways(language: str) -> str:
    """A lane for each mode, two side by side, and in each a box for each namespace."""
    said = WORDS[language]["ways"]
    lanes, told, y = list[dict[str, Any]](), list[str](), 44
    for index, (name, way) in enumerate(ways.WAYS.items()):
        stops = [
            {"kind": stop.kind, "claim": stop.claim, "within": said["within"][stop.within]}
            | {"name": said["at"].get(stop.at, stop.at)}
            | {"draws": said["draws"].get(stop.draws, stop.draws).format(**known)}
            for stop, known in ways.followed(name)
        ]
        lane = _lane(stops, LEFT + APART * (index % 2), y)
        lanes.append(lane | {"title": said["modes"][name], "option": way.option})
        passed = ", ".join(f"{stop['name']} ({stop['draws']})" for stop in stops)
        told.append(f"{said['modes'][name]}: {passed}")
        if index % 2:
            y = max(lane["bottom"] for lane in lanes) + GAP
    return _picture("ways", language, y + 74, told, lanes=lanes)


def _lane(stops: list[dict[str, Any]], x: int, top: int) -> dict[str, Any]:
    """Where the stops of a way are drawn, and the boxes around them; `end` is where the last is that packets pass."""
    y, end, boxes = top + HEAD, 0, []
    for within, several in groupby(stops, key=lambda stop: stop["within"]):
        inside = list(several)
        boxes.append({"y": y, "height": LABEL + STEP * len(inside), "label": within})
        for number, stop in enumerate(inside):
            stop["y"] = y + LABEL + STEP * number + 12
            end = end if stop["kind"] == "absent" else stop["y"]
        y += boxes[-1]["height"] + GAP
    return {"x": x, "y": top, "boxes": boxes, "stops": stops, "end": end, "bottom": y}


def _namespaces(language: str) -> str:
    """A row for each namespace, those first that are the host's; and the option that makes another one so, if that was seen."""
    said, rows = WORDS[language]["namespaces"], list[dict[str, Any]]()
    for name in NAMESPACES:
        options = " ".join(capture.command for capture in list(shown(name).worlds.values())[1])
        opened = [kind for kind, same in shared(name, world=1).items() if same and f"--{kind} host" in options]
        for kind, same in shared(name).items():
            option = f"--{kind} host" if kind in opened else ""
            rows.append({"name": kind, "about": said["about"][kind], "shared": same, "option": option})
    told = [f"{row['about']} ({row['name']}): {said['shared'] if row['shared'] else said['own']}" for row in rows]
    return _picture("namespaces", language, 112 + 48 * len(rows), told, rows=rows)


def _picture(name: str, language: str, height: int, told: list[str], **drawn: Any) -> str:
    """A diagram; what it shows is told in words to those who do not see it."""
    said = WORDS[language][name]
    return str(render(name, language=language, said=said, height=height, told=". ".join(told), **drawn))
