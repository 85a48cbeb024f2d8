"""Plots as SVG files: a card of its own colours, legible on any page, light or dark, and on a phone."""

import html
import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from verify.publishing.words import WORDS, file_of
from verify.trials import bench, measure
from verify.trials.spread import straight

WIDTH, MARGIN = 480, 28
GROUPS = {
    "requests": ("request_router", "connection_router"),
    "throughput": ("tcp_router", "udp_router"),
    "loopback": ("request_loopback", "connection_loopback", "tcp_loopback", "udp_loopback"),
    "start": ("start",),
}
"""What a plot of the measurement of networks shows."""
WIDE = 6
"""From so many times the least on, a scale of ratios is logarithmic."""
STYLE = """
    svg { --paper: #fff; --edge: #d3dae1; --ink: #1b232c; --soft: #52606d; --flow: #0a5ea8; --bound: #855000;
          font: 13.5px -apple-system, "Segoe UI", Roboto, "Hiragino Sans", "BIZ UDPGothic", "Noto Sans CJK JP", sans-serif; }
    @media (prefers-color-scheme: dark) {
      svg { --paper: #121920; --edge: #34424f; --ink: #dde4ea; --soft: #a3b0bc; --flow: #8cc4f5; --bound: #f0b84b; }
    }
    text { fill: var(--ink); stroke: var(--paper); stroke-width: 4px; paint-order: stroke; }
    .title { font-size: 16px; font-weight: 700; }
    .soft { fill: var(--soft); }
    .middle { text-anchor: middle; }
    .end { text-anchor: end; }
    .card { fill: var(--paper); stroke: var(--edge); }
    .grid { stroke: var(--edge); }
    .dot { fill: var(--flow); fill-opacity: .45; }
    .median { stroke: var(--flow); stroke-width: 3; }
    .line { fill: none; stroke: var(--soft); stroke-width: 1.5; }
    .bound { fill: none; stroke: var(--bound); stroke-width: 1.5; stroke-dasharray: 5 3; }
    .bounded { fill: var(--bound); }"""


def drawn() -> dict[str, str]:
    """All plots of what was measured, in every language, by file name."""
    plots: dict[str, str] = {}
    for language in WORDS:
        of_language = of_bench(bench.load(), language) | of_measure(measure.load(), language)
        plots |= {file_of(name, language): image for name, image in of_language.items()}
    return plots


def of_bench(results: Mapping[str, Any], language: str) -> dict[str, str]:
    """The plots of what checking costs, by name."""
    words = WORDS[language]["bench"]
    said = bench.figures(results) | {"limit": str(bench.LIMIT), "bound": f"{bench.BOUND[1]:g}"}
    texts = {name: {key: text.format(**said) for key, text in words[name].items()} for name in ("harness", "replay")}
    rows = {words["rows"][name]: values for name, values in bench.ratios(results).items()}
    return {
        "bench-harness": ratios(rows, bench.LIMIT, texts["harness"]),
        "bench-replay": growth(bench.replays(results), bench.BOUND, texts["replay"]),
    }


def of_measure(results: Mapping[str, Any], language: str) -> dict[str, str]:
    """The plots of networks beside the host network, by name: a row for each task and network that a group has."""
    words, found, plots = WORDS[language]["measured"], measure.ratios(results), dict[str, str]()
    for group, texts in words["plot"].items():
        rows = {
            f"{words['rows'][kind.rpartition('_')[0] or kind]} – {words['networks'][network]}": values
            for kind in GROUPS[group]
            for network, values in found[kind].items()
        }
        middles = {"rows": ", ".join(f"{row}: {measure.plain(median(values))}" for row, values in rows.items())}
        texts = {key: text.format(**middles) for key, text in texts.items()}
        plots[f"measured-{group}"] = ratios(rows, None, texts)
    return plots


def ratios(rows: Mapping[str, Sequence[float]], limit: float | None, words: Mapping[str, str]) -> str:
    """Ratios as dots on a line per row, each row's median as a stroke; 1 is the thing compared with, `limit` a bound.

    The scale is logarithmic where they are far apart. `words` are those of the plot: title, description, one, and limit if there is one.
    """
    at, ends, ticks = _scale([1, limit or 1, *(value for values in rows.values() for value in values)])
    low, high = map(at, ends)
    bottom = 84 + 58 * len(rows)

    def x(ratio: float) -> float:
        return MARGIN + (at(ratio) - low) / (high - low) * (WIDTH - 2 * MARGIN)

    parts = [_vertical(x(tick), 76, bottom, "grid", label) for tick, label in ticks.items()]
    parts += [
        f'<path class="line" d="M{x(1):.1f} 76V{bottom}"/>',
        _text(x(1) - 6, 70, words["one"], "soft end") if limit else _text(x(1) + 6, 70, words["one"], "soft"),
    ]
    if limit:
        parts.append(f'<path class="bound" d="M{x(limit):.1f} 76V{bottom}"/>')
        parts.append(_text(x(limit) + 6, 70, words["limit"], "bounded"))
    for row, (name, values) in enumerate(rows.items()):
        y = 122 + 58 * row
        parts.append(_text(MARGIN, y - 20, name))
        parts += [f'<circle class="dot" cx="{x(value):.1f}" cy="{y}" r="5"/>' for value in values]
        parts.append(f'<path class="median" d="M{x(median(values)):.1f} {y - 12}v24"/>')
        parts.append(_text(WIDTH - MARGIN, y - 20, f"× {measure.plain(median(values))}", "title end"))
    return _card(bottom + 34, words, parts)


def growth(points: Mapping[int, Sequence[float]], bound: tuple[int, float], words: Mapping[str, str]) -> str:
    """Seconds over numbers, both axes logarithmic, beside what grows in a straight line; `bound` is a point not to exceed.

    `words` are those of the plot: title, description, number, seconds, straight, limit.
    """
    numbers = sorted(points)
    seconds = [value for values in points.values() for value in values] + [bound[1]]
    left, right, top, bottom = math.log10(numbers[0]), math.log10(numbers[-1]), 84, 304
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))

    def at(number: float, value: float) -> tuple[float, float]:
        across, up = (math.log10(number) - left) / (right - left), (math.log10(value) - low) / (high - low)
        return 66 + across * (WIDTH - 66 - MARGIN - 12), bottom - up * (bottom - top)

    parts = [_vertical(at(n, 10**low)[0], top, bottom, "grid", f"{n:,}".replace(",", " ")) for n in numbers]
    for power in range(low, high + 1):
        y = at(numbers[0], 10**power)[1]
        parts.append(f'<path class="grid" d="M66 {y:.1f}H{WIDTH - MARGIN - 12}"/>')
        parts.append(_text(58, y + 5, f"{10**power:g}", "end"))
    fixed, each = straight(points)
    way = (at(n, fixed + each * n) for n in (10 ** (left + step * (right - left) / 40) for step in range(41)))
    parts.append(f'<path class="line" d="M{" ".join(f"{x:.1f} {y:.1f}" for x, y in way)}"/>')
    x, y = at(*bound)
    parts.append(f'<path class="bound" d="M{x - 60:.1f} {y:.1f}h120"/>')
    parts.append(_text(x - 66, y + 5, words["limit"], "bounded end"))
    for number, values in points.items():
        for value in values:
            x, y = at(number, value)
            parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
    parts += [_text(MARGIN, top - 14, words["seconds"], "soft"), _text(WIDTH / 2, 346, words["number"], "soft middle")]
    parts.append(_text(WIDTH - MARGIN - 20, bottom - 12, words["straight"], "soft end"))
    return _card(362, words, parts)


def _scale(values: Sequence[float]) -> tuple[Callable[[float], float], tuple[float, float], dict[float, str]]:
    """Where values stand, the first and the last that the scale has, and the labels of its ticks."""
    low, high = min(values), max(values)
    if high / low > WIDE:
        ticks = [digit * 10.0**power for power in range(-3, 5) for digit in (1, 2, 5)]
        low, high = low / 1.15, high * 1.15
        return math.log, (low, high), {tick: f"{tick:g}" for tick in ticks if low <= tick <= high}
    low, high = math.floor(low * 20 - 1) / 20, math.ceil(high * 20 + 1) / 20
    step = next(tenths for tenths in (1, 2, 5, 10, 20, 50, 100) if high - low <= tenths)
    tenths = [tick for tick in range(math.ceil(low * 10), math.floor(high * 10) + 1) if tick % step == 0]
    return float, (low, high), {tick / 10: f"{tick / 10:.1f}" for tick in tenths}


def _vertical(x: float, top: float, bottom: float, kind: str, label: str) -> str:
    return f'<path class="{kind}" d="M{x:.1f} {top}V{bottom}"/>' + _text(x, bottom + 18, label, "middle")


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f'<text{attribute} x="{x:.1f}" y="{y:.1f}">{html.escape(text)}</text>'


def _card(height: int, words: Mapping[str, str], parts: Sequence[str]) -> str:
    title, description = html.escape(words["title"]), html.escape(words["description"])
    body = "\n  ".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="title desc">\n  <title id="title">{title}</title>\n'
        f'  <desc id="desc">{description}</desc>\n  <style>{STYLE}\n  </style>\n'
        f'  <rect class="card" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>\n'
        f'  <text class="title" x="{MARGIN}" y="38">{title}</text>\n  {body}\n</svg>\n'
    )
