"""What a page's HTML gets for narrow windows, for keys and for those who do not see, once all that it says is on it.

None of it changes a word: names for cells that stand alone where rows stack, pieces that no line is to break, typed blocks
that scroll by key and can be copied, and no heads of tables that have nothing to say.
"""

import html
import re

from verify.publishing.render import render
from verify.publishing.words import WORDS

TABLE = re.compile(r"<table>(?:(?!<pre).)*?</table>", re.DOTALL)
"""A table of a page's own, and not the memo's, whose cells hold captured lines."""
HEAD = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
CELL = re.compile(r"<td\b")
TAG = re.compile(r"<[^>]*>")
NAMELESS = re.compile(r"<th\b([^>]*)></th>")
TYPED = re.compile(r"(<pre>)(<span></span><code)(>)(.*?)(?=</code></pre>)", re.DOTALL)
PIECES = re.compile(
    r"<(?P<kept>pre|select)\b.*?</(?P=kept)>|<code>(?P<word>[^<\s]{1,24})</code>|<[^>]*>"
    r"|(?P<piece>(?<![\w-])--?[a-z][\w-]*|\b(?:Docker|Podman|Compose|Debian|Linux|runc) \d[\d.]*\b)",
    re.DOTALL,
)
"""What a page is made of, as far as lines may break in it: flags, versions and short words in code are to stay whole."""


def dressed(content: str, language: str) -> str:
    """A page's HTML with all of that."""
    content = NAMELESS.sub(r"<td\1></td>", TABLE.sub(_table, content))
    return PIECES.sub(_whole, TYPED.sub(lambda found: _typed(found, language), content))


def _table(found: re.Match[str]) -> str:
    """A table whose cells but the first of a row know the head of their column."""
    heads = [html.unescape(TAG.sub("", head)).strip() for head in HEAD.findall(found[0])]

    def row(cells: re.Match[str]) -> str:
        left = iter(heads)
        return CELL.sub(lambda cell: f'{cell[0]} data-head="{html.escape(next(left))}"', cells[0])

    return re.sub(r"<tr>(?:(?!</tr>).)*<td.*?</tr>", row, found[0], flags=re.DOTALL)


def _typed(found: re.Match[str], language: str) -> str:
    text = html.unescape(TAG.sub("", found[4])).rstrip("\n")
    button = render("copy", text=text, label=WORDS[language]["copy"])
    return f'{button}{found[1]}{found[2]} tabindex="0"{found[3]}{found[4]}'


def _whole(found: re.Match[str]) -> str:
    if found["word"]:
        return f'<code class="whole">{found["word"]}</code>'
    return f'<span class="whole">{found["piece"]}</span>' if found["piece"] else found[0]
