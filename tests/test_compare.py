"""Two built sites are told apart byte for byte, and from the escaping of quotes."""

import pytest

from verify.trials import compare


@pytest.mark.parametrize(
    ("name", "old", "new", "how"),
    [
        ("x.html", "<p>a</p>", None, "is gone"),
        ("x.html", None, "<p>a</p>", "is new"),
        ("x.html", "<p>a</p><p>b</p>", "<p>a</p><p>c</p>", "differs\n  -b</p>\n  +c</p>"),
        ("x.html", "<p>a</p>", "<p>a</p>\n", "differs"),
        ("x.html", "<p>'&quot;</p>", "<p>&#x27;&#34;</p>", compare.ONLY_QUOTES),
        ("x.html", "<p>&#39;</p>", '<p>"</p>', "differs\n  -'</p>\n  +\"</p>"),
        ("x.json", r'{"text": "\"&#39;"}', '{"text": "&quot;\'"}', compare.ONLY_QUOTES),
        (
            "x.html",
            '<meta name="generator" content="mkdocs-1">',
            '<meta name="generator" content="another-2">',
            compare.ONLY_QUOTES,
        ),
        ("x.svg", "<title>'</title>", "<title>&#39;</title>", "differs\n  -'</title>\n  +&#39;</title>"),
        ("x.css", "a {}\n", "a {}\n" + "b {}\n" * 9, "differs" + "\n  +b {}" * 8 + "\n  …"),
        ("x.png", b"\x89P", b"\x89PN", "differs, and is no text"),
    ],
)
def test_file_differs(tmp_path, name, old, new, how):
    for site, content in (("old", old), ("new", new)):
        (tmp_path / site).mkdir()
        if content is not None:
            (tmp_path / site / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        (tmp_path / site / "same.html").write_text("<p>the same</p>")
    assert list(compare.differences(tmp_path / "old", tmp_path / "new")) == [(name, how)]
