"""The last look at a built site finds what it is for."""

from __future__ import annotations

import pytest

from docs.website.scripts import script

links = script("links")
PAGE = f"""<html><head><meta http-equiv="Content-Security-Policy" content="{links.POLICY}">
<link rel="stylesheet" href="assets/a.css"></head>
<body><h2 id="here">x</h2><a href="#here">x</a><a href="other.html#there">x</a>
<a href="https://example.org/">text may lead outside</a><img src="assets/p.png"></body></html>"""
OTHER = PAGE.replace('id="here"', 'id="there"').replace('href="#here"', 'href="index.html"')


def findings(folder, index: str = PAGE, style: str = "a{}", code: str = "") -> list[str]:
    (folder / "assets").mkdir()
    for name, text in (
        ("index.html", index),
        ("other.html", OTHER),
        ("assets/a.css", style),
        ("assets/a.js", code),
        ("assets/p.png", ""),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return links.Site(folder).findings()


def test_a_site_that_is_whole_has_none(tmp_path):
    assert findings(tmp_path) == []


@pytest.mark.parametrize(
    ("true", "false", "found"),
    [
        ('href="#here"', 'href="#hre"', "index.html: #hre leads nowhere"),
        ("other.html#there", "other.html#here", "index.html: other.html#here leads nowhere"),
        ("other.html#", "another.html#", "index.html: another.html#there leads nowhere"),
        ("assets/p.png", "assets/q.png", "index.html: assets/q.png leads nowhere"),
        ("assets/p.png", "//cdn.test/p.png", "index.html: loads //cdn.test/p.png"),
        ("assets/a.css", "https://cdn.test/a.css", "index.html: loads https://cdn.test/a.css"),
        ("default-src", "img-src", "index.html: no policy forbids to load from elsewhere"),
        (
            "<body>",
            "<style>@import 'https://cdn.test/b.css'</style><body>",
            "index.html: loads https://cdn.test/b.css",
        ),
        ('href="#here"', 'href="../outside.html"', "index.html: ../outside.html leads nowhere"),
    ],
)
def test_what_is_wrong_with_a_page_is_told(true, false, found, tmp_path):
    assert findings(tmp_path, PAGE.replace(true, false)) == [found]


def test_a_style_that_loads_from_elsewhere_is_told(tmp_path):
    style = "@font-face{src:url(https://fonts.test/a.woff2)}"
    assert findings(tmp_path, style=style) == ["assets/a.css: loads https://fonts.test/a.woff2"]


def test_a_script_with_an_address_that_nobody_looked_at_is_told(tmp_path):
    (found,) = findings(tmp_path, code='fetch("https://count.test/hit")')
    assert "count.test" in found


def test_an_empty_folder_is_no_site(tmp_path):
    assert links.Site(tmp_path).findings() == [f"{tmp_path} has no page"]
