"""Claims that assert less than they did, and what they run in the place of what they should."""

from verify.trials import functions


def test_no_claim_asserts_less_than_it_did_and_every_mutant_is_noticed():
    now, kept = functions.scores(), functions.kept()
    assert now["strength"] == kept["strength"], "./nox -s mutants, and look at whose strength went down"
    assert now == kept
    by_kind = now["mutants"]
    told = ("echo in place of a command", "printf in place of a command", "pass a failure over")
    assert not [kind for kind in (*told, "misspell an option", "swap the worlds") if by_kind[kind]["asked"]]
    assert sum(by["asked"] for by in by_kind.values()) == len(now["asked"]) <= 30
