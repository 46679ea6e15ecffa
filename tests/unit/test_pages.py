"""The pages, as the storefront serves them."""

import re
from pathlib import Path

import pytest

from storefront import pages
from tests.unit.storefront_api import ask


@pytest.mark.parametrize(
    "path", ["/order", "/counter", *(f"/pages/{f.name}" for f in pages.FILES.iterdir())]
)
def test_a_page_comes_with_its_policy(path: str) -> None:
    answer = ask("GET", path, headers={})
    assert answer["statusCode"] == 200
    headers = {name: value for name, (value,) in answer["multiValueHeaders"].items()}
    policy = [rule.split() for rule in headers["Content-Security-Policy"].split("; ")]
    assert ["default-src", "'none'"] in policy
    assert {source for _, *sources in policy for source in sources} == {"'none'", "'self'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    again = ask("GET", path, headers={"If-None-Match": headers["ETag"]})
    assert (again["statusCode"], again["body"]) == (304, "")


@pytest.mark.parametrize("name", ["..%2Fapi.py", "api.py", ".", "style.css.map", "%00"])
def test_nothing_else_is_a_page(name: str) -> None:
    assert ask("GET", f"/pages/{name}", headers={})["statusCode"] == 404


def test_the_pages_have_nothing_inline() -> None:
    """What the policy would not let run."""
    for page in pages.FILES.glob("*.html"):
        text = page.read_text()
        assert "<script>" not in text
        assert "style=" not in text
        assert " on" not in {part[:3] for part in text.split('"')}


def test_both_languages_say_the_same() -> None:
    text = (Path(pages.FILES) / "texts.js").read_text()
    english, german = text.split("  de: {")
    names = [set(_names(part)) for part in (english, german.split("const KEPT")[0])]
    assert names[0] == names[1]


def _names(text: str) -> list[str]:
    return re.findall(r'[\s,{]"?([\w.\- ]+?)"?: "', text)
