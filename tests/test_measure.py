"""The measurement's figures."""

import pytest

from verify.trials import measure

SECONDS = {"file_router": {"host": [1.0, 2.0, 4.0], "bridge": [1.5, 2.0, 5.0]}}


def test_ratios_are_of_the_same_round_and_tell_how_much_longer_the_bridge_takes():
    assert measure.ratios({"seconds": SECONDS}) == {"file_router": [1.5, 1.0, 1.25]}


def test_figures_are_the_median_and_the_quartiles():
    said = measure.figures({"ran": {"kernel": "6.18"}, "seconds": SECONDS})
    assert said == {"kernel": "6.18", "rounds": "3", "file_router": "1.25", "file_router_spread": "1.12–1.38"}


def test_a_round_that_was_not_measured_on_both_networks_is_refused():
    with pytest.raises(ValueError):
        measure.ratios({"seconds": {"file_router": {"host": [1.0, 2.0], "bridge": [1.0]}}})
