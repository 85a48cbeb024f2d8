"""What networks cost beside the host network, in turns, in one lab, as ratios of costs: times of the clock, and of processors."""

import datetime
import json
import os
import sys
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from verify import ROOT
from verify.lab import engines
from verify.lab.errors import LabError
from verify.lab.provenance import provenance
from verify.lab.topology import Lab
from verify.trials import networks
from verify.trials.spread import Spread

RESULTS = ROOT / "docs" / "assets" / "measured.json"
ROUNDS = 5
LOST = "_lost_"
"""In the name of what is a share, not a cost: the host network's can be 0, so there is no ratio."""


def measure(lab: Lab, quick: bool) -> dict[str, Any]:
    """The results: what ran, pairs of costs by kind and network, and what NAT was seen to do."""
    results: dict[str, Any] = {"ran": _ran(lab) | networks.tools(lab), "looked": {}}
    pairs: networks.Pairs = {}
    rounds = 1 if quick else ROUNDS
    for phase in networks.PHASES:  # before all else, while there are no other connections
        with networks.standing(lab, phase):
            for way, seen in networks.look(lab, phase).items():
                for name, counted in seen.items():
                    results["looked"].setdefault(way, {}).setdefault(name, counted)
    for phase in networks.PHASES:
        with networks.standing(lab, phase):
            networks.measure(lab, phase, rounds, pairs)
    networks.starts(lab, [count for count in networks.PORTS if not quick or count < networks.MANY], rounds, pairs)
    return results | {"pairs": pairs}


def ratios(results: Mapping[str, Any]) -> dict[str, dict[str, list[float]]]:
    """By kind and network, how many times as much as the host network it cost, in each round."""
    return {
        kind: {name: [other / host for host, other in pairs] for name, pairs in of.items()}
        for kind, of in results["pairs"].items()
        if LOST not in kind
    }


def figures(results: Mapping[str, Any]) -> dict[str, str]:
    """The results as a page says them, by kind and network, such as `tcp_router_bridge`.

    Costs are medians of ratios, and the quartiles between which the middle half of them lies; losses are medians in percent.
    """
    said = {name: str(value) for name, value in results["ran"].items()}
    for kind, of in ratios(results).items():
        for name, values in of.items():
            spread, figure = Spread.of(values), f"{kind}_{name}"
            said |= {figure: plain(spread.middle), f"{figure}_spread": f"{plain(spread.low)}–{plain(spread.high)}"}
    for kind, of in results["pairs"].items():
        for name, pairs in of.items() if LOST in kind else ():
            host, other = (median(each) for each in zip(*pairs, strict=True))
            said |= {f"{kind}_{name}": f"{other:.0%}", f"{kind}_{name}_host": f"{host:.0%}"}
    for way, of in results["looked"].items():
        for name, (tracked, translated) in of.items():
            said |= {f"tracked_{way}_{name}": str(tracked), f"translated_{way}_{name}": str(translated)}
    said["rounds"] = str(len(results["pairs"]["request_router"]["bridge"]))
    return said


def plain(ratio: float) -> str:
    """A ratio with three digits or more."""
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}" if ratio < 100 else f"{ratio:.0f}"


def load() -> dict[str, Any]:
    """The results that the page shows."""
    return dict(json.loads(RESULTS.read_text(encoding="utf-8")))


def main(arguments: Sequence[str]) -> None:
    """Measures, and writes results; with --quick, one round, without the largest number of ports, and written only with --write."""
    quick = "--quick" in arguments
    try:
        with Lab(engines.at_hand()) as lab:
            results = measure(lab, quick)
    except LabError as error:
        sys.exit(f"measure: {error}")
    for name, value in figures(results).items():
        print(f"{name:40} {value}")
    print(f"NAT: {results['looked']}")
    if not quick or "--write" in arguments:
        kept = json.loads(json.dumps(results), parse_float=lambda digits: float(f"{float(digits):.4g}"))
        RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def _ran(lab: Lab) -> dict[str, Any]:
    seen = provenance(lab)
    return {
        "engine": seen["engine"],
        "kernel": seen["kernel"],
        "processors": os.cpu_count(),
        "connections": networks.LOOKED_AT,
        "datagram": networks.DATAGRAM,
        "date": datetime.date.today().isoformat(),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
