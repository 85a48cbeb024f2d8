"""The digest of a claim's function: what changes it, and what does not."""

import pytest

from verify.judging import claim, digests

CLAIM = "verify/claims/connect.py"
NAME = "running_container_cannot_move_to_host"
ASK = f"from verify.judging.digests import function_digest; print(function_digest({NAME!r}))"


def of(project) -> str:
    ran = project.fork("-c", ASK, anew=True)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        pytest.param(CLAIM, f"def claim_{NAME}(", f"def claim_{NAME}(client, ", id="its parameters"),
        pytest.param(CLAIM, 'NO_SUCH = "', 'NO_SUCH = "!', id="a constant"),
        pytest.param(CLAIM, 'NO_SUCH = "', 'NO_SUCH = "x"\nNO_SUCH = "', id="a name given twice"),
        pytest.param(CLAIM, "\n\nNO_SUCH", "\n\nprint()\nNO_SUCH", id="what its module does besides"),
        pytest.param("verify/claims/helpers/steps.py", '"--disable-dns"', '""', id="a helper"),
    ],
)
def test_a_change_of_what_is_done_changes_it(file, old, new, project):
    project.edit(file, old, new)
    assert of(project).strip() != digests.function_digest(NAME)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        pytest.param(CLAIM, "\n\n\n@", "\n\n\n# another line\n@", id="a comment"),
        pytest.param("verify/claims/helpers/steps.py", '"""Makes a network', '"""Makes some network', id="a docstring"),
        pytest.param("verify/claims/helpers/steps.py", "options: str", "options: object", id="an annotation"),
        pytest.param("verify/claims/helpers/steps.py", '"service docker restart"', '"reboot"', id="another helper"),
    ],
)
def test_what_does_nothing_leaves_it(file, old, new, project):
    project.edit(file, old, new)
    assert of(project).strip() == digests.function_digest(NAME)


def test_each_claim_has_its_own():
    names = list(claim.declared())
    assert len({digests.function_digest(name) for name in names}) == len(names)
