"""What may be told from a command line as it stands, without running it."""

import re
import shlex
from functools import cache

ENGINE = re.compile(r"\b(?:docker|podman|dockerd|containerd|nerdctl)\b")
TELLS = {"echo", "printf", "yes", "seq", "date"}
"""Programs that answer the same on every machine."""
INTERPRETS = {
    "awk",
    "base64",
    "bash",
    "eval",
    "expr",
    "node",
    "perl",
    "python",
    "python3",
    "rev",
    "ruby",
    "sed",
    "sh",
    "tr",
    "xxd",
}
"""Programs that can be made to answer anything."""
ASKS = re.compile(
    r"(?:test|true|curl(?!.* (?:-X|-d|-o|-T|--data|--request|--upload))|getent|grep|egrep|ls|nc|pgrep|ping|ps|readlink|ss|wc|wget|cat|head|tail)\b|\[ "
    r"|docker (?:exec \S+|exec \$\([^)]*\)) (?:wget|grep|cat|ls|ss|nc|test|ip)\b"
    r"|docker (?:info|inspect|logs|port|ps|version|images|image inspect|network (?:inspect|ls)|service (?:ls|ps|inspect|logs)|node ls|stack ps)\b"
    r"|docker[- ]compose (?:ps|logs|ls|config)\b"
    r"|(?:ip|bridge)(?: -\S+)* (?:address|addr|link|route|rule|neigh|netns)(?: show| list|$| [^ad]\S*$)"
    r"|(?:iptables|ip6tables)(?: -t \w+)? -[SLC]\b|nft list\b"
)
"""How commands begin that only look."""
MAY_UNDO = {
    r"! ip address delete \S+ dev \S+",  # what the claim's own container left
    r"! nft delete table ip filter 2>/dev/null",  # what iptables made for the claim's own rule
    r"docker swarm join --token \S* \S+",  # a node answers that it is there before it can be joined
}
"""Conditions that change something all the same, each for a reason."""
WRITES = re.compile(r"cat >\S+ <<'(\w+)'\n(?:.*\n)*\1")
FILE = re.compile(r">>?(?!/dev/(?:std|fd|tty)|/proc/).")
"""How a word begins by which output goes into a file."""
MISUNDERSTOOD = re.compile(
    r"unknown (?:shorthand )?flag|unknown (?:docker )?command|is not a docker command|flag needs an argument|"
    r"[Uu]nrecognized (?:option|command)|invalid option|unknown option|not understood|unexpected argument|"
    r"command not found|executable file not found|: not found$|: applet not found|"
    r"Unable to find image|[Nn]o such image|pull access denied|repository does not exist|manifest unknown|initializing source docker|"
    r"short-name \S+ did not resolve|invalid reference format|"
    r"requires (?:at least|at most|exactly) \d+ arg|accepts \d+ arg|^Usage: ",
    re.MULTILINE,
)
"""What engines and shells say of what they did not understand, or of an image that is not there."""


@cache
def problem(command: str) -> str:
    """Why a command line shows nothing of an engine, though it may print what a claim asserts; empty if nothing speaks against it."""
    if WRITES.fullmatch(command):
        return ""
    if "<<" in command:
        return "what it prints is written in it. Write a file with cat >FILE <<'end', and nothing else"
    before, between = "", ""
    for words, ends in _parts(command):
        head, line = _head(words), " ".join(words)
        if between in ("||", ";", "\n") and ENGINE.search(before):
            return f"what comes after {between!r} hides how the engine's command ended. Run it by itself"
        seen = not any(FILE.match(word) for word in words)
        if head in TELLS and seen and not (ends == "|" and ENGINE.search(command)):
            return f"{head} prints what it is told, whatever the engine does"
        if head in INTERPRETS and seen and not ENGINE.search(command):
            return f"{head} prints what it is told, whatever the engine does"
        before, between = f"{before} {line}" if between in ("|", "&&") else line, ends
    return ""


@cache
def asks(condition: str) -> bool:
    """Whether what is waited for is only looked at, so that a claim cannot do in secret what no capture shows."""
    if any(re.fullmatch(each, condition) for each in MAY_UNDO):
        return True
    while inner := re.search(r"\$\(([^()]*)\)|\brunuser -l \w+ -c '([^']*)'", condition):
        if not asks(inner[1] or inner[2] or ""):
            return False
        condition = condition.replace(inner[0], "x" if inner[1] else "true")
    lines = [" ".join(word for word in words if word != "!") for words, _ in _parts(condition)]
    lines = [re.sub(r"\d?>/dev/null", "", re.sub(r"^nsenter -n -t \w+ ", "", line)) for line in lines]
    return bool(lines) and all(ASKS.match(line) and ">" not in line for line in lines)


def _parts(command: str) -> list[tuple[list[str], str]]:
    """The simple commands in a command line, a list of words each, and what ends them."""
    lexer = shlex.shlex(re.sub(r"\d?>&\d", "", command), posix=False, punctuation_chars=";&|\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, ""
    parts: list[tuple[list[str], str]] = [([], "")]
    try:
        words = list(lexer)
    except ValueError:
        return [([command], "")]
    for word in words:
        if re.fullmatch(r"[;&|\n]+", word):
            parts[-1] = (parts[-1][0], word)
            parts.append(([], ""))
        else:
            parts[-1][0].append(word)
    return [each for each in parts if each[0]]


def _head(words: list[str]) -> str:
    """The program that a simple command runs."""
    plain = [word for word in words if not re.match(r"\w+=|!$|\{$|\($|do$|then$|exec$|command$|env$|sudo$|time$", word)]
    return plain[0].rpartition("/")[2] if plain else ""
