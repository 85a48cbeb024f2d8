"""What was measured is told as it is: ratios, their spread, and a mark on the plot for each value."""

import xml.etree.ElementTree as ElementTree

import pytest

from verify.judging import claim
from verify.lab import engines
from verify.publishing import plots
from verify.publishing.words import WORDS
from verify.trials import bench
from verify.trials.spread import Spread, straight

SVG = "{http://www.w3.org/2000/svg}"
RESULTS = {
    "ran": {"engine_title": "Docker 1", "python": "3", "processors": 2, "date": "2026-01-01"},
    "rounds": [
        {"claims": {"one": (2.0, 2.2), "two": (1.0, 1.0)}, "pytest": 3.6},
        {"claims": {"one": (4.0, 4.0), "two": (1.0, 1.2)}, "pytest": 5.5},
    ],
    "pieces": {"lab": [3.0, 4.0, 5.0], "engine": [2.0, 2.0], "put_back": [0.5, 0.7]},
    "replay": {"10": [0.5, 0.6, 0.7], "100": [0.8], "1000": [2.6, 2.58, 2.5], "10000": [22.4]},
}


def test_ratios_are_those_of_pairs_and_of_rounds():
    found = bench.ratios(RESULTS)
    assert found["harness"] == pytest.approx([1.1, 1.0, 1.0, 1.2])
    assert found["pytest"] == pytest.approx([1.2, 1.1])


def test_spread_is_the_middle_half():
    assert Spread.of([5, 1, 2, 4, 3]) == Spread(middle=3, low=2, high=4)


def test_figures_are_of_the_results():
    said = bench.figures(RESULTS)
    assert said["harness"] == "1.05"
    assert said["harness_spread"] == "1.00–1.12"
    assert said["claim_ms"] == "2.0"
    assert said["straight"] == "1.09"
    assert said["lab"] == "4.00"


def test_straight_goes_through_the_smallest_and_the_largest():
    assert straight({10: [1.0, 1.2, 9.0], 50: [3.0], 110: [11.2]}) == pytest.approx((0.2, 0.1))


@pytest.mark.parametrize("language", WORDS)
def test_each_value_has_its_mark(language):
    drawn = {name: ElementTree.fromstring(image) for name, image in plots.of_bench(RESULTS, language).items()}
    dots = {name: [float(dot.get("cx")) for dot in image.iter(f"{SVG}circle")] for name, image in drawn.items()}
    assert len(dots["bench-harness"]) == 4 + 2
    assert len(dots["bench-replay"]) == 3 + 1 + 3 + 1
    assert dots["bench-harness"][1] == dots["bench-harness"][2] < dots["bench-harness"][0] < dots["bench-harness"][3]
    assert len(set(dots["bench-replay"])) == 4
    for image in drawn.values():
        _, _, width, height = map(float, image.get("viewBox").split())
        for text in image.iter(f"{SVG}text"):
            assert 0 < float(text.get("x")) < width
            assert 0 < float(text.get("y")) < height


def test_text_on_a_plot_is_only_text():
    words = dict.fromkeys(("title", "description", "one", "limit"), "</text><script>")
    drawn = ElementTree.fromstring(plots.ratios({"<b>&": [1.0, 1.1]}, 1.05, words))
    assert not list(drawn.iter(f"{SVG}script"))
    assert "<b>&" in [text.text for text in drawn.iter(f"{SVG}text")]


def test_copied_claims_are_collected_and_no_others(tmp_path):
    real = [each for each in claim.declared().values() if engines.at_hand() in each.engines]
    count = len(real) + 3
    copies = bench._copies(count)
    assert len({name for _, name in copies}) == count
    bench._write_modules(tmp_path / "claims", copies)
    text = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "claims").glob("*.py"))
    assert text.count("def claim_") == count
    assert all(f"def claim_{name}(" in text for _, name in copies)
