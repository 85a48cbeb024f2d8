"""How a claim is written: a function `claim_NAME` in `verify/claims/`, and the world in which it must fail."""

from typing import Any

import pytest


def counterfactual(parameter: str, *, holds: Any, fails: Any) -> pytest.MarkDecorator:
    """Runs a claim twice: with `parameter=holds`, where it must pass, and with `parameter=fails`, where it must not.

    In the second world it has to fail by an assertion of its own: passing there means that it proves nothing, and any
    other exception is an error.
    """
    refuted = pytest.mark.xfail(strict=True, raises=AssertionError)
    return pytest.mark.parametrize(
        parameter,
        [
            pytest.param(holds, id=str(holds), marks=pytest.mark.world(str(holds))),
            pytest.param(fails, id=str(fails), marks=[pytest.mark.world(str(fails)), refuted]),
        ],
    )
