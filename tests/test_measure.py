"""The measurement's figures."""

import json
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import pytest

from verify.lab.errors import LabError
from verify.publishing import plots, tables
from verify.publishing.words import WORDS
from verify.trials import measure, networks
from verify.trials.spread import Spread

PAIRS = {
    "request_router": {"bridge": [(1.0, 1.5), (2.0, 2.0), (4.0, 5.0)]},
    "udp_lost_router": {"bridge": [(0.0, 0.2), (0.1, 0.3), (0.1, 0.3)]},
    "start": {"1000": [(1.0, 120.0), (1.0, 140.0)]},
}
RESULTS = {"ran": {"kernel": "6.18"}, "looked": {"router": {"bridge": [100, 99]}}, "pairs": PAIRS}


class Answering:
    """A machine on which every command prints the same."""

    name = "client"

    def __init__(self, printed):
        self.printed = printed

    def shell(self, command):
        return f"cpu 1 2 3 4 5 6 7 8 9 0\n{self.printed}\ncpu 101 2 53 999 999 6 57 999 9 0\n100\n"


def test_ratios_are_of_the_same_round_and_tell_how_much_more_a_network_costs():
    assert measure.ratios(RESULTS) == {"request_router": {"bridge": [1.5, 1.0, 1.25]}, "start": {"1000": [120, 140]}}


def test_figures_are_the_median_and_the_quartiles_and_shares_in_percent():
    assert measure.figures(RESULTS) == {
        "kernel": "6.18",
        "rounds": "3",
        "request_router_bridge": "1.25",
        "request_router_bridge_spread": "1.12–1.38",
        "udp_lost_router_bridge": "30%",
        "udp_lost_router_bridge_host": "10%",
        "start_1000": "130",
        "start_1000_spread": "125–135",
        "tracked_router_bridge": "100",
        "translated_router_bridge": "99",
    }


def test_of_one_round_there_is_no_spread():
    assert Spread.of([1.5]) == Spread(1.5, 1.5, 1.5)


def test_processors_work_but_for_idle_iowait_and_what_was_stolen():
    assert networks.busy("cpu  1 2 3 40 50 6 7 80 9 10") == 1 + 2 + 3 + 6 + 7


def test_what_wrk_printed_is_told_for_a_request():
    costs = networks.TASKS["request"](Answering("1000 2.0 0.001 0.004 0"), "10.3.0.183", networks.BESIDE)
    assert costs == {"": 0.002, "_cpu": 0.002, "_p50": 0.001, "_p99": 0.004}


def test_requests_that_failed_are_no_measurement():
    with pytest.raises(LabError, match="3 of 1000 requests failed"):
        networks.TASKS["request"](Answering("1000 2.0 0.001 0.004 3"), "10.3.0.183", networks.BESIDE)


def test_what_iperf3_printed_is_told_for_a_gigabyte_that_arrived():
    came = {"bytes": 500_000_000, "seconds": 1.0, "lost_percent": 25}
    printed = json.dumps({"end": {"sum_received": came}})
    assert networks.TASKS["udp"](Answering(printed), "10.3.0.183", networks.BESIDE) == {"": 2, "_cpu": 4, "_lost": 0.25}
    assert networks.TASKS["tcp"](Answering(printed), "10.3.0.183", networks.BESIDE) == {"": 2, "_cpu": 4}


def test_nothing_that_arrived_is_no_measurement():
    printed = json.dumps({"end": {"sum_received": {"bytes": 0, "seconds": 1.0}}})
    with pytest.raises(LabError, match="nothing of what iperf3 sent to"):
        networks.TASKS["tcp"](Answering(printed), "10.3.0.183", networks.BESIDE)


def test_each_round_pairs_the_host_with_each_network_and_is_run_in_turns(monkeypatch):
    asked = []
    monkeypatch.setattr(
        networks,
        "TASKS",
        {"some": lambda machine, address, network: asked.append(network.name) or {"": float(network.number)}},
    )
    lab, pairs = SimpleNamespace(machines={"client": None, "host": None}), {}
    networks.measure(lab, networks.PHASES[1], 2, pairs)
    assert pairs == {f"some_{way}": {"no_proxy": [(1.0, 5.0)] * 2} for way in ("router", "loopback")}
    assert asked == ["host", "no_proxy"] * 2 + ["no_proxy", "host"] * 2


@pytest.mark.parametrize("language", WORDS)
def test_what_was_kept_is_all_drawn_and_told(language):
    results, marks = measure.load(), "{http://www.w3.org/2000/svg}circle"
    drawn = plots.of_measure(results, language)
    assert drawn.keys() == {f"measured-{group}" for group in plots.GROUPS}
    for group, kinds in plots.GROUPS.items():
        values = [each for kind in kinds for of in measure.ratios(results)[kind].values() for each in of]
        dots = [float(dot.get("cx")) for dot in ElementTree.fromstring(drawn[f"measured-{group}"]).iter(marks)]
        assert len(dots) == len(values)
        assert all(plots.MARGIN < x < plots.WIDTH - plots.MARGIN for x in dots)
        assert [dots[at] for at in sorted(range(len(dots)), key=values.__getitem__)] == sorted(dots)
    whole = "".join(table(language) for table in (tables.over_router, tables.to_loopback, tables.starts))
    assert all(figure in whole for name, figure in measure.figures(results).items() if name.endswith("_spread"))


def test_a_scale_is_logarithmic_where_ratios_are_far_apart():
    assert plots._scale([1, 1.2])[2] == {1.0: "1.0", 1.1: "1.1", 1.2: "1.2"}
    assert plots._scale([1, 120])[2] == {1: "1", 2: "2", 5: "5", 10: "10", 20: "20", 50: "50", 100: "100"}
