"""A release is refused unless tag, version and changelog say the same."""

from __future__ import annotations

import pytest

from release.loading import load

tag = load("tag")
CHANGELOG = (
    "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-12-01\n\n### Added\n\n## 1.2.2 - 2026-11-01\n"
)


def test_a_tag_that_is_the_version_is_taken():
    assert tag.complaint("v1.2.3", "1.2.3", CHANGELOG) is None


@pytest.mark.parametrize("name", ["1.2.3", "v1.2.4", "v1.2.3.1", "v1.2.3-rc1", ""])
def test_another_is_refused_with_both(name: str):
    assert tag.complaint(name, "1.2.3", CHANGELOG) == (
        f"the tag is {name}, and Cargo.toml has 1.2.3: it must be v1.2.3"
    )


@pytest.mark.parametrize("version", ["1.2.2", "1.2.4"])
def test_so_is_a_version_that_is_not_on_top_of_the_changelog(version: str):
    told = tag.complaint(f"v{version}", version, CHANGELOG)
    assert told == f"CHANGELOG.md has no section `## {version} - YYYY-MM-DD` on top"


def test_a_section_without_its_day_is_not_released_yet():
    assert "no section" in tag.complaint("v1.2.3", "1.2.3", "## 1.2.3\n")
    assert "no section" in tag.complaint("v1.2.3", "1.2.3", "## Unreleased\n")


def test_it_reads_this_project(capsys: pytest.CaptureFixture[str]):
    assert tag.main("v0.0.0-nonsense") == 1
    assert "the tag is v0.0.0-nonsense" in capsys.readouterr().out
