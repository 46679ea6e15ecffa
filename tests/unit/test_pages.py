"""The pages, as the storefront serves them."""

import re
from pathlib import Path

import pytest

from storefront import pages
from tests.unit.storefront_api import ask


@pytest.mark.parametrize("path", ["/order", "/counter", "/board", "/workflow"])
def test_a_page_is_a_script_a_style_sheet_and_a_picture(path: str) -> None:
    """Each request is an invocation, and a new account may run ten at a time."""
    page, headers = load(path)
    assert headers["Cache-Control"] == "no-cache"
    files = {name: load(name) for name in re.findall(r'="(pages/[^"]+)"', page)}
    assert sorted(name.rpartition(".")[2] for name in files) == ["css", "js", "svg"]
    for text, headers in files.values():
        assert not re.search(r"^@?import|pages/", text, re.MULTILINE), "it asks for more files"
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_of_another_version_of_the_page_is_not_kept() -> None:
    """During a deployment one version's page may ask the other version for its script."""
    text, headers = load("pages/order.0123456789abcdef.js")
    assert text == pages.files()["order.js"].text
    assert headers["Cache-Control"] == "no-cache"


def load(path: str) -> tuple[str, dict[str, str]]:
    """What comes with the policy, and is not sent again to who has it."""
    answer = ask("GET", f"/{path.lstrip('/')}", headers={})
    assert answer["statusCode"] == 200
    headers = {name: value for name, (value,) in answer["multiValueHeaders"].items()}
    policy = [rule.split() for rule in headers["Content-Security-Policy"].split("; ")]
    assert ["default-src", "'none'"] in policy
    assert {source for _, *sources in policy for source in sources} == {"'none'", "'self'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    again = ask("GET", f"/{path.lstrip('/')}", headers={"If-None-Match": headers["ETag"]})
    assert (again["statusCode"], again["body"]) == (304, "")
    return answer["body"], headers


@pytest.mark.parametrize(
    "line",
    [
        "export let orders = [];",
        "export default function draw() {}",
        "export { draw };",
        "import draw from './other.js';",
        'import { known as draw } from "./other.js";',
        'import { unknown } from "./other.js";',
    ],
)
def test_a_module_that_would_differ_when_joined_is_refused(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FILES", tmp_path)
    (tmp_path / "other.js").write_text("export const known = 1;\n")
    (tmp_path / "page.js").write_text('import { known } from "./other.js";\n')
    assert "const { known } = $other;" in pages.join_modules("page")
    (tmp_path / "page.js").write_text(f"{line}\n")
    with pytest.raises(pages.NotJoinable):
        pages.join_modules("page")


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
