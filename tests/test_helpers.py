"""What claims share: it refuses what another run could show otherwise."""

import dataclasses

import pytest

from verify.claims.helpers.parsers import printed
from verify.judging import evidence

DUMP = evidence.kept("own_address_is_reached_over_lo", "docker-28").worlds["client"][2]


def stopped_after(packets: int):
    """The tcpdump of a whole connection as it would be had it been stopped earlier."""
    shown = "".join(DUMP.stdout.splitlines(keepends=True)[:packets])
    whole = len(printed(DUMP))
    captured = DUMP.stderr.replace(f"\n{whole} packets captured\n", f"\n{packets} packets captured\n")
    return dataclasses.replace(DUMP, stdout=shown, stderr=captured)


@pytest.mark.parametrize("packets", range(2, len(printed(DUMP))))
def test_tcpdump_that_was_stopped_within_a_connection_is_refused(packets):
    with pytest.raises(ValueError, match="stopped before a connection was over; wait for OVER"):
        printed(stopped_after(packets))


def test_tcpdump_of_a_whole_connection_is_not():
    assert len(printed(DUMP)) > 3
