"""Two languages, one truth: a sentence edited in one language asks for the other to be read again.

`docs/sentences.json` keeps the digest of each claim's sentence in each language as they were last confirmed together.
Run as a program with the names of claims, it confirms them as they stand now; without a name, those that are new.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from verify import ROOT
from verify.judging import sentences

FILE = Path("docs/sentences.json")


def problems(root: Path = ROOT) -> Iterator[str]:
    """Sentences that changed since they were confirmed together: where, and what to do."""
    try:
        confirmed = _confirmed(root)
    except ValueError as error:
        yield str(error)
        return
    for claim, found in _by_claim(root).items():
        changed = [s for s in found if confirmed.get(claim, {}).get(s.language) != _digest(s)]
        if not changed or {s.language for s in found} != set(sentences.LANGUAGES):
            continue
        others = [s for s in found if s not in changed]
        what = "was changed in every language" if claim in confirmed else "is new"
        ask = "".join(f"\n  is this still the same? {other}" for other in others)
        yield (
            f"{changed[0]}\n  claim {claim!r} {f'was changed in {changed[0].language}' if others else what}.{ask}\n"
            f"  If all say the same: ./nox -s confirm -- {claim}"
        )


def confirm(claims: list[str], root: Path = ROOT) -> list[str]:
    """Records the sentences of these claims, or of those that are new, as saying the same; returns their names."""
    confirmed, found = _confirmed(root), _by_claim(root)
    if unknown := set(claims) - set(found):
        raise ValueError(f"no page has a sentence of {', '.join(sorted(unknown))}")
    wanted = claims or [claim for claim in found if claim not in confirmed]
    kept = {claim: confirmed[claim] for claim in found if claim in confirmed}
    kept |= {claim: {s.language: _digest(s) for s in found[claim]} for claim in wanted}
    (root / FILE).write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return wanted


def _confirmed(root: Path) -> dict[str, dict[str, str]]:
    try:
        document = json.loads((root / FILE).read_text(encoding="utf-8"))
        return {claim: dict(digests) for claim, digests in document.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{FILE}\n  is not what `./nox -s confirm` wrote ({error}). Restore it with git.") from None


def _by_claim(root: Path) -> dict[str, list[sentences.Sentence]]:
    found: dict[str, list[sentences.Sentence]] = {}
    for sentence in sentences.sentences(root=root):
        found.setdefault(sentence.claim, []).append(sentence)
    return found


def _digest(sentence: sentences.Sentence) -> str:
    """A digest of the words, whatever their line breaks."""
    return hashlib.sha256(" ".join(sentence.text.split()).encode()).hexdigest()[:16]


if __name__ == "__main__":
    try:
        done = confirm(sys.argv[1:])
    except ValueError as error:
        sys.exit(f"confirm: {error}")
    print(f"confirmed: {', '.join(done) or 'nothing new'}")
