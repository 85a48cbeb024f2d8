"""How much longer the bridge takes for what the host network does, in turns, in one lab, as ratios of times."""

import datetime
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from verify import ROOT
from verify.lab import engines
from verify.lab.errors import LabError
from verify.lab.machine import Machine
from verify.lab.provenance import provenance
from verify.lab.topology import Lab
from verify.lab.wires import HOST
from verify.trials.spread import Spread

RESULTS = ROOT / "docs" / "assets" / "measured.json"
ENGINE = engines.at_hand()
ROUNDS = 20
SERVERS = {"host": ("--net host", 80), "bridge": ("-p 8080:80", 8080)}
WAYS = {"router": ("client", HOST.address), "loopback": ("host", "127.0.0.1")}
"""From which machine, and to which address: the published port's DNAT, or the userland proxy."""
TASKS = {
    "file": "'{url}large?[1-50]'",
    "request": "'{url}?[1-300]'",
    "connection": "-H 'Connection: close' '{url}?[1-300]'",
}
"""What one curl is to fetch several times: the quickest is the measurement, since what took longer waited for other things, too."""

Seconds = dict[str, dict[str, list[float]]]


def measure(lab: Lab, rounds: int) -> Seconds:
    """Seconds that each task took on each way, such as `file_router`, from each network's server, a figure a round."""
    for name, (options, port) in SERVERS.items():
        lab.host.shell(f"docker run -d --name {name} {options} httpd:latest")
        lab.host.shell(f"docker exec {name} truncate -s 4M htdocs/large")
        lab.host.until(f"curl -sfo /dev/null http://127.0.0.1:{port}/large")
    seconds: Seconds = {f"{task}_{way}": {name: [] for name in SERVERS} for way in WAYS for task in TASKS}
    for turn in range(rounds):
        for kind, taken in seconds.items():
            for name in sorted(taken, reverse=bool(turn % 2)):  # in turns, who goes first
                taken[name].append(_seconds(lab.machines, kind, SERVERS[name][1]))
        print(f"round {turn + 1} of {rounds}", flush=True)
    return seconds


def _seconds(machines: Mapping[str, Machine], kind: str, port: int) -> float:
    task, _, way = kind.partition("_")
    name, address = WAYS[way]
    what = TASKS[task].format(url=f"http://{address}:{port}/")
    return min(map(float, machines[name].shell(f"curl -sfo /dev/null -w '%{{time_total}}\\n' {what}").split()))


def ratios(results: Mapping[str, Any]) -> dict[str, list[float]]:
    """How many times as long as the host network the bridge took, in each round."""
    return {
        kind: [bridge / host for bridge, host in zip(taken["bridge"], taken["host"], strict=True)]
        for kind, taken in results["seconds"].items()
    }


def figures(results: Mapping[str, Any]) -> dict[str, str]:
    """The results as a page says them: medians of ratios, and the quartiles between which the middle half of them lies."""
    said = {name: str(value) for name, value in results["ran"].items()}
    for kind, values in ratios(results).items():
        said["rounds"] = str(len(values))
        spread = Spread.of(values)
        said |= {kind: f"{spread.middle:.2f}", f"{kind}_spread": f"{spread.low:.2f}–{spread.high:.2f}"}
    return said


def load() -> dict[str, Any]:
    """The results that the page shows."""
    return dict(json.loads(RESULTS.read_text(encoding="utf-8")))


def main(arguments: Sequence[str]) -> None:
    """Measures, and writes results; with --quick, two rounds, and writes nothing."""
    quick = "--quick" in arguments
    try:
        with Lab(ENGINE) as lab:
            ran = _ran(lab)
            seconds = measure(lab, 2 if quick else ROUNDS)
    except LabError as error:
        sys.exit(f"measure: {error}")
    results = {"ran": ran, "seconds": seconds}
    for name, value in figures(results).items():
        print(f"{name:20} {value}")
    if not quick:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _ran(lab: Lab) -> dict[str, Any]:
    curl = {name: lab.machines[name].shell("dpkg-query -W -f '${Version}' curl") for name in ("client", "host")}
    seen = provenance(lab)
    return {
        "engine": seen["engine"],
        "kernel": seen["kernel"],
        "curl_client": curl["client"],
        "curl_host": curl["host"],
        "processors": os.cpu_count(),
        "date": datetime.date.today().isoformat(),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
