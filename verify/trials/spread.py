"""What several measurements of the same come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Spread:
    """Several measurements of the same: their median, and the quartiles between which the middle half of them lies."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of values; of one, there is none."""
        low, middle, high = quantiles(values, method="inclusive") if len(values) > 1 else (*values, *values, *values)
        return cls(middle, low, high)


def straight(points: Mapping[int, Sequence[float]]) -> tuple[float, float]:
    """Seconds to begin with, and seconds for each: the line through the medians of the smallest and the largest number."""
    first, last = min(points), max(points)
    each = (median(points[last]) - median(points[first])) / (last - first)
    return median(points[first]) - each * first, each
