"""The workflows of GitHub: pinned by commit, with the permissions they need and no more, a release from a tag alone.

They cannot run here; what can be said of them without running is held here, and by zizmor in `make shipped`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".github/workflows"
FILES = sorted(FOLDER.glob("*.yml"))
# A workflow of this repository at the same commit has no commit to be pinned by.
OWN = ("./", "$/")
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
ALL = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)


def read(name: str) -> dict:
    document = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    # YAML 1.1 reads the key `on` as a truth.
    return {("on" if key is True else key): value for key, value in document.items()}


def jobs(name: str) -> dict[str, dict]:
    return read(name)["jobs"]


RELEASE = jobs("release.yml")


def steps(job: dict) -> list[dict]:
    return job.get("steps", [])


def all_steps(name: str) -> list[dict]:
    return [step for job in jobs(name).values() for step in steps(job)]


def test_there_are_two():
    assert [file.name for file in FILES] == ["ci.yml", "release.yml"]


@ALL
def test_every_action_is_pinned_by_its_commit_and_says_which_version_that_is(file: Path):
    lines = re.findall(r"^\s*(?:- )?uses: *(.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    foreign = [line for line in lines if not line.startswith(OWN)]
    assert foreign
    assert [line for line in foreign if not PINNED.fullmatch(line)] == []


def test_an_action_is_the_same_commit_everywhere():
    text = "".join(file.read_text(encoding="utf-8") for file in FILES)
    pins = set(re.findall(r"uses: *([\w./-]+)@([0-9a-f]{40} # \S+)", text))
    assert len({action for action, _ in pins}) == len(pins)


@ALL
def test_permissions_are_none_but_what_a_job_names(file: Path):
    assert read(file.name)["permissions"] == {}
    assert all("permissions" in job for job in jobs(file.name).values())


def test_only_who_publishes_may_speak_for_the_project():
    rights = {name: job["permissions"] for name, job in RELEASE.items()}
    assert rights.pop("publish") == {"id-token": "write", "attestations": "write"}
    assert set(map(str, rights.values())) == {"{'contents': 'read'}"}
    assert RELEASE["publish"]["environment"]["name"] == "pypi"


@ALL
def test_no_secret_and_no_token_stays_or_comes_in(file: Path):
    assert "secrets." not in file.read_text(encoding="utf-8")
    checkouts = [step for step in all_steps(file.name) if "checkout@" in step.get("uses", "")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@ALL
def test_no_word_of_an_event_is_pasted_into_a_script(file: Path):
    for step in all_steps(file.name):
        assert "${{" not in step.get("run", "")


@ALL
def test_every_job_ends_by_itself_on_a_machine_with_a_version(file: Path):
    for job in jobs(file.name).values():
        if "uses" not in job:
            assert 0 < job["timeout-minutes"] <= 120
            assert "latest" not in job["runs-on"]


def test_a_release_begins_with_a_tag_and_nothing_else():
    assert read("release.yml")["on"] == {"push": {"tags": ["v*"]}}
    assert any("release/tag.py" in step.get("run", "") for step in steps(RELEASE["tag"]))
    for name, job in RELEASE.items():
        assert name == "tag" or job["needs"]


def test_nothing_is_published_before_everything_is_built_and_tested():
    assert set(RELEASE["publish"]["needs"]) == set(RELEASE) - {"tag", "publish"}
    assert RELEASE["ci"]["uses"].endswith("/.github/workflows/ci.yml")
    used = [step.get("uses", "").partition("@")[0] for step in steps(RELEASE["publish"])]
    attested = used.index("actions/attest-build-provenance")
    assert attested < used.index("pypa/gh-action-pypi-publish")


def test_every_platform_is_built():
    linux = RELEASE["linux"]["strategy"]["matrix"]
    assert set(linux["target"]) == {"x86_64", "aarch64"}
    assert set(linux["manylinux"]) == {"2014", "musllinux_1_2"}
    for system, wanted in (("windows", {"x64", "aarch64"}), ("macos", {"x86_64", "aarch64"})):
        matrix = RELEASE[system]["strategy"]["matrix"]["platform"]
        assert {each["target"] for each in matrix} == wanted
    built = 4 + 2 + 2
    (counted,) = (
        step["run"] for step in steps(RELEASE["publish"]) if "*.whl" in step.get("run", "")
    )
    assert f"= {built}\n" in counted


def builders() -> list[dict]:
    return [step for step in all_steps("release.yml") if "maturin-action@" in step.get("uses", "")]


def test_it_is_built_as_it_is_here():
    lock = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    (maturin,) = re.findall(r"^maturin==(\S+)", lock, re.MULTILINE)
    assert read("release.yml")["env"]["MATURIN_VERSION"] == f"v{maturin}"
    assert len(builders()) == 4
    for step in builders():
        assert step["with"]["maturin-version"] == "${{ env.MATURIN_VERSION }}"
        # A cache is written by runs that are no releases.
        assert not step["with"].get("sccache")
        if step["with"].get("command") != "sdist":
            assert {"--release", "--locked"} <= set(step["with"]["args"].split())


def test_ci_runs_what_runs_everywhere():
    assert any(".ci/run" in step.get("run", "") for step in all_steps("ci.yml"))
    with (ROOT / "pyproject.toml").open("rb") as file:
        oldest = tomllib.load(file)["project"]["requires-python"].removeprefix(">=")
    (python,) = (
        step["with"] for step in all_steps("ci.yml") if "setup-python@" in step.get("uses", "")
    )
    assert python["python-version"] == oldest
