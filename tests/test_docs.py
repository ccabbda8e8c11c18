"""The documentation is whole: every page is listed and every link leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")
BENCHMARKS = sorted(path.name for path in ROOT.glob("benchmarks/*.py"))


def test_the_readme_lists_every_page() -> None:
    linked = {(ROOT / link).resolve() for link in LINK.findall((ROOT / "README.md").read_text())}
    assert {page.resolve() for page in PAGES} - linked == {ROOT / "README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("script", BENCHMARKS)
def test_every_benchmark_has_its_command_on_the_page(script: str) -> None:
    assert f"benchmarks/{script}" in (ROOT / "docs/benchmarks.md").read_text()
