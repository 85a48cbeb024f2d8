"""What people have read and found true: the sentences of claims, and whatever on the pages rests on them.

`docs/sentences.json` keeps the digest of each claim's sentence in each language as they were last confirmed together.
`docs/statements.json` keeps, of each claim, the digest of its function and of what it saw on each engine; and of each block
of the pages, by place, its digests and what it rests on. Where one of them is no longer what it was, people are asked again.

Run as a program with the names of claims or places (`howto.md`, `howto.md#low-port`, `docs/en/howto.md:12`), it confirms
them as they stand now; without a name, those that are new. With `--nothing`, the blocks there that name nothing on which
they rest are recorded as saying nothing of behaviour.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from verify import ROOT
from verify.judging import claim, sentences
from verify.judging.digests import digest, function_digest, seen_digest
from verify.publishing import statements
from verify.publishing.shown import recorded
from verify.publishing.statements import BY_THEMSELVES, HOLDING_NONE, Block, Statement

SENTENCES = Path("docs/sentences.json")
STATEMENTS = Path("docs/statements.json")
FUNCTION = "function"
Digests = dict[str, dict[str, str]]


@dataclass
class Register:
    """All that was confirmed."""

    sentences: Digests
    """By claim and language."""
    claims: Digests = field(default_factory=dict)
    """By claim, of its function and of what it saw on each engine."""
    places: dict[str, list[str]] = field(default_factory=dict)
    """By place, a line for each block in order: its digests and the names of what it rests on."""

    @classmethod
    def load(cls, root: Path = ROOT) -> "Register":
        """What was confirmed so far.

        Raises:
            ValueError: a file is not what this program wrote.
        """
        found = {}
        for file in (SENTENCES, STATEMENTS):
            try:
                found[file] = json.loads((root / file).read_text(encoding="utf-8"))
                for each in (found[file], *(found[file].values() if file == SENTENCES else ())):
                    dict(each).items()
            except FileNotFoundError:
                found[file] = {}
            except (ValueError, TypeError, AttributeError) as error:
                raise ValueError(
                    f"{file}\n  is not what `./nox -s confirm` wrote ({error}). Restore it with git."
                ) from None
        kept = found[STATEMENTS]
        claims = {
            name: {what: digest for digest, several in seen.items() for what in several.split()}
            for name, seen in kept.get("claims", {}).items()
        }
        return cls(found[SENTENCES], claims, kept.get("places", {}))

    def save(self, root: Path = ROOT) -> None:
        """Writes it where it was loaded from."""
        claims = {
            name: {digest: " ".join(sorted(what for what in of if of[what] == digest)) for digest in of.values()}
            for name, of in self.claims.items()
        }
        kept = {SENTENCES: self.sentences, STATEMENTS: {"claims": claims, "places": self.places}}
        for file, document in kept.items():
            (root / file).write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def problems(root: Path = ROOT) -> Iterator[str]:
    """Sentences and statements that are not what was confirmed, or whose basis is not: where, what, and what to do."""
    try:
        kept = Register.load(root)
    except ValueError as error:
        yield str(error)
        return
    found = statements.statements(root)
    for name, said in _by_claim(root).items():
        if {s.language for s in said} == set(sentences.LANGUAGES):
            yield from _claim(name, said, kept, found)
    yield from statements.problems(root)
    for place in sorted(found.keys() | (kept.places.keys() - statements.places(root))):
        yield from _place(place, found.get(place, []), kept.places.get(place, []))


def confirm(names: Sequence[str], nothing: bool = False, root: Path = ROOT) -> list[str]:
    """Records claims and blocks of these names, or those that are new, as they stand; returns what was recorded, to be read.

    With `nothing`, blocks among them that name nothing on which they rest are recorded as saying nothing of behaviour.

    Raises:
        ValueError: there is nothing of such a name.
    """
    kept, said, found = Register.load(root), _by_claim(root), statements.statements(root)
    known = {name for place in found for name in _names(place)} | kept.places.keys() | said.keys()
    if unknown := [name for name in names if name not in known and not _is_line(name, found)]:
        raise ValueError(f"there is no claim, page, heading or block {', '.join(unknown)}")
    claims = [name for name in said if (name in names if names else name not in kept.sentences)]
    report = [f"{name}: {', '.join(map(str, said[name]))}" for name in claims]
    kept.sentences = {name: kept.sentences[name] for name in said if name in kept.sentences}
    kept.sentences |= {name: {s.language: _digest(s) for s in said[name]} for name in claims}
    kept.claims = {name: kept.claims[name] for name in said if name in kept.claims}
    kept.claims |= {name: _state(name) for name in claims if name in claim.declared()}
    for place in sorted(found.keys() | kept.places.keys()):
        lines, new = _confirmed(place, found.get(place, []), kept.places.get(place, []), names, nothing)
        kept.places[place] = lines
        report += new
    kept.places = {place: lines for place, lines in kept.places.items() if lines}
    kept.save(root)
    return report


def _claim(
    name: str, said: list[sentences.Sentence], kept: Register, found: dict[str, list[Statement]]
) -> Iterator[str]:
    """What is to be read again of a claim, and on account of what."""
    new = name not in kept.sentences
    changed = [s for s in said if kept.sentences.get(name, {}).get(s.language) != _digest(s)]
    moved = [] if new else list(_moved(name, kept.claims.get(name, {})))
    if not changed and not moved:
        return
    others = [s for s in said if s not in changed]
    what = "is new" if new else "was changed in every language"
    if others:
        what = f"was changed in {changed[0].language}" if changed else "is no longer what it was"
    ask = "".join(f"\n  {each}" for each in moved)
    if changed:
        ask += "".join(f"\n  is this still the same? {other}" for other in others)
    if not new:
        ask += "".join(f"\n  rests on it: {block}" for several in found.values() for block in _leaning(name, several))
    says = "all say the same" if changed and not moved else "all is true"
    yield f"{(changed or said)[0]}\n  claim {name!r} {what}.{ask}\n  If {says}: ./nox -s confirm -- {name}"


def _leaning(name: str, several: list[Statement]) -> Iterator[Block]:
    """The blocks of a place that rest on a claim; its heading and its code only where nothing else does."""
    leaning = [each for each in several if name in each.rests]
    plain = [each for each in leaning if each.kind not in HOLDING_NONE]
    yield from (block for each in plain or leaning for block in reversed(each.blocks))


def _moved(name: str, before: dict[str, str]) -> Iterator[str]:
    """What of a claim is no longer what it was, its sentence aside. What another engine showed already is not new."""
    if not (declared := claim.declared().get(name)):
        return
    now = _state(name)
    if before.get(FUNCTION) != now.pop(FUNCTION):
        yield f"its function in {declared.file}, or what that calls, was changed"
    changed = [engine for engine, seen in now.items() if engine in before and before[engine] != seen]
    new = [engine for engine, seen in now.items() if engine not in before and seen not in before.values()]
    for what, engines in (("was changed", changed), ("is new", new)):
        if engines:
            yield f"what it shows {what} on {', '.join(engines)}: verify/evidence/{engines[-1]}/{name}.json"


def _state(name: str) -> dict[str, str]:
    """Digests of a claim's function, and of what it saw on each engine."""
    return {FUNCTION: function_digest(name), **{seen.engine: seen_digest(seen) for seen in recorded(name)}}


def _place(place: str, found: list[Statement], kept: list[str]) -> Iterator[str]:
    """What is to be read under a heading."""
    unknown, gone = _compare(found, kept)
    again = f"./nox -s confirm -- {place}"
    if fresh := [each for each in unknown if not gone and not _lacks_basis(each, [])]:
        new = "\n  ".join(dict.fromkeys(str(block) for each in fresh for block in reversed(each.blocks)))
        yield f"{new}\n  is new. If it is true, and the same in every language: ./nox -s confirm"
    for each in (each for each in unknown if each not in fresh):
        first, *others = dict.fromkeys(str(block) for block in reversed(each.blocks))
        twin, before = "".join(f"\n  {other}" for other in others), _before(each, gone)
        if _lacks_basis(each, before):
            yield (
                f'{first}{twin}\n  names nothing that it rests on. Add <{{ see("CLAIM") }}>, or link to a claim or to the heading '
                "under which\n  a claim or a citation stands, in every language. If it says nothing of behaviour:\n"
                f"  ./nox -s confirm -- --nothing {first.partition(': ')[0]}"
            )
            continue
        rests = f"\n  It rests on {', '.join(each.rests)}." if each.rests else ""
        what, alike = ("is new, or was changed", "hides nothing")  # a file as a whole, which all languages share
        if others:
            what, alike = f"{what} in every language", "the same in every language"
        if before:
            both = zip(sentences.LANGUAGES, before, each.entry, strict=False)
            languages = [language for language, old, new in both if old != new]
            what = f"was changed in {', '.join(languages)}" if languages else "rests on something else than before"
        yield f"{first}{twin}\n  {what}.{rests}\n  If it is true, and {alike}: {again}"
    if not unknown and kept != [" ".join(each.entry) for each in found]:
        what = (
            f"{len(gone)} of the blocks that were confirmed are gone" if gone else "the blocks stand in another order"
        )
        where = str(found[0].blocks[-1]) if found else str(STATEMENTS)
        yield f"{where}\n  {place}: {what}. If what is left is still true: {again}"


def _confirmed(
    place: str, found: list[Statement], kept: list[str], names: Sequence[str], nothing: bool
) -> tuple[list[str], list[str]]:
    """What the register keeps of a place from now on, and what is new of that, to be read."""
    unknown, gone = _compare(found, kept)
    wanted = [each for each in unknown if (any(_is_of(name, place, each) for name in names) if names else not gone)]
    wanted = [each for each in wanted if nothing or not _lacks_basis(each, _before(each, gone))]
    lines = [" ".join(each.entry) for each in found if each in wanted or each not in unknown]
    report = []
    for each in wanted:
        rests = f"rests on {', '.join(each.rests)}" if each.rests else "says nothing of behaviour"
        rests = {"citation": "cites its source", "shown": "shows what was seen"}.get(each.kind, rests)
        report.append("\n  ".join([*map(str, reversed(each.blocks)), rests]))
    named = place in names or place.partition("#")[0] in names
    if len(wanted) == len(unknown) and (wanted or named):
        return lines, report or ([f"{place}: what is left, in this order"] if named and lines != kept else [])
    return (lines + gone if wanted else kept), report


def _compare(found: list[Statement], kept: list[str]) -> tuple[list[Statement], list[str]]:
    """The statements of a place that were not confirmed as they are, and the lines in the register that are of none."""
    gone, unknown = list(kept), []
    for each in found:
        if (line := " ".join(each.entry)) in gone:
            gone.remove(line)
        else:
            unknown.append(each)
    return unknown, gone


def _before(statement: Statement, gone: list[str]) -> list[str]:
    """What the register had of a statement that was changed in some languages alone; empty if there is no such line."""
    lines = (line.split() for line in gone)
    digests = statement.entry[: len(sentences.LANGUAGES)]
    return next((line for line in lines if any(old == new for old, new in zip(line, digests, strict=False))), [])


def _lacks_basis(statement: Statement, before: list[str]) -> bool:
    """Whether it must not be confirmed, unless it is said to say nothing of behaviour, or was before."""
    was_nothing = bool(before) and len(before) == len(sentences.LANGUAGES)
    return not statement.rests and statement.kind not in BY_THEMSELVES and not was_nothing


def _names(place: str) -> set[str]:
    """By which names the statements of a place can be confirmed, besides their lines."""
    return {place, place.partition("#")[0]}


def _is_of(name: str, place: str, statement: Statement) -> bool:
    file, _, line = name.rpartition(":")
    return name in _names(place) or any(
        str(block.file) == file and line.isdigit() and block.covers(int(line)) for block in statement.blocks
    )


def _is_line(name: str, found: dict[str, list[Statement]]) -> bool:
    return any(_is_of(name, place, each) for place, several in found.items() for each in several)


def _by_claim(root: Path) -> dict[str, list[sentences.Sentence]]:
    found: dict[str, list[sentences.Sentence]] = {}
    for sentence in sentences.sentences(root=root):
        found.setdefault(sentence.claim, []).append(sentence)
    return found


def _digest(sentence: sentences.Sentence) -> str:
    """A digest of the words, whatever their line breaks."""
    return digest(" ".join(sentence.text.split()))


if __name__ == "__main__":
    try:
        done = confirm([name for name in sys.argv[1:] if name != "--nothing"], "--nothing" in sys.argv)
    except ValueError as error:
        sys.exit(f"confirm: {error}")
    print("\n".join(["confirmed, as you have read it:", *done]) if done else "confirmed: nothing new")
    if left := list(problems()):
        print("\n".join(["still to be read:", *left]))
