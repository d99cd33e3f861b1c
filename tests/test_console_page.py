"""docs/console.md does what it says: each command in it runs, in the order of the page, and each name in it is one."""

from __future__ import annotations

import re
import subprocess
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from cli.running import COMMAND, environment, trunkline
from cli.terminal import Terminal
from telemetry.filling import filled_fleet, filled_line
from trunkline.cli.outcome import QUALITY_MISSED
from trunkline.cli.thresholds import read_thresholds
from trunkline.telemetry.document import fleet_document, line_document

PAGE = Path(__file__).parents[1] / "docs/console.md"
PUBLISHING = "TRUNKLINE_PUBLISH=1 trunkline demo --headless"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def commands():
    return [line for block in blocks("sh") for line in block.splitlines() if line]


class Reader:
    """Somebody who types what the page says, in one folder, with nobody else's lines in sight."""

    def __init__(self, folder):
        self._folder = folder
        run = folder / "run"
        run.mkdir(mode=0o700)
        self._variables = {"XDG_RUNTIME_DIR": str(run), "TMPDIR": str(run)}
        self._publishing = None

    def type(self, command):
        if command == PUBLISHING:
            self._publishing = self._begin(
                "demo", "--headless", "--seconds", "300", TRUNKLINE_PUBLISH="1"
            )
            return self._wait_for_the_line()
        name, *arguments = command.split()
        assert name == "trunkline", command
        if "--serve" in arguments:
            return self._open_page(*arguments)
        if arguments[0] == "console" and not {"--once", "--json", "--ndjson"} & set(arguments):
            return self._look(*arguments)
        return self._finish(*arguments)

    def close(self):
        if self._publishing is not None:
            self._publishing.kill()
            self._publishing.communicate(timeout=20)

    def _begin(self, *arguments, **variables):
        return subprocess.Popen(
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self._folder,
            env=environment(**self._variables | variables),
        )

    def _wait_for_the_line(self):
        ends_at = time.monotonic() + 30
        while trunkline("console", "--once", "--wait", "1", **self._variables).returncode == 1:
            assert time.monotonic() < ends_at
            assert self._publishing.poll() is None, self._publishing.communicate()

    def _finish(self, *arguments):
        process = self._begin(*arguments)
        out, err = process.communicate(timeout=100)
        # The demo's link breaks twice, and whoever looks just then is told that it is not well.
        good = {0, QUALITY_MISSED} if arguments[0] == "console" else {0}
        assert process.returncode in good, (arguments, out, err)
        assert "Traceback" not in err

    def _look(self, *arguments):
        terminal = Terminal(
            *arguments, columns=120, rows=36, folder=self._folder, **self._variables
        )
        terminal.wait_for("demo")
        terminal.type("q")
        assert terminal.end() == 0, arguments

    def _open_page(self, *arguments):
        process = self._begin(*arguments)
        try:
            address = process.stdout.readline().strip()
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
            with opener.open(address, timeout=10) as answer:
                assert "textual-terminal" in answer.read().decode()
        finally:
            process.terminate()
            process.communicate(timeout=20)


def test_the_page_names_every_face():
    text = " ".join(commands())
    for option in (
        "--once",
        "--json",
        "--ndjson",
        "--serve",
        "--replay",
        "--allow-control",
        "report",
        "record",
        "--png",
    ):
        assert option in text


@pytest.mark.timeout(300)
def test_every_command_of_the_page_runs(tmp_path):
    reader = Reader(tmp_path)
    try:
        assert commands()[0] == PUBLISHING
        for command in commands():
            reader.type(command)
    finally:
        reader.close()
    assert {"calls.tlrec", "demo.tlrec", "demo.html", "demo.png", "other.html"} <= {
        path.name for path in tmp_path.iterdir()
    }


def test_every_name_of_a_document_that_the_page_tells_is_one():
    fleet, line = fleet_document(filled_fleet()), line_document(filled_line())
    known = {*fleet, *line}
    for document in (fleet, line, *fleet["lines"]):
        known |= {*document["totals"], *document["derived"]} | set(document)
    told = re.findall(
        r"^\| `((?:derived|totals|shortfalls)[^|]*)\|",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    names = [
        name for row in told for name in re.findall(r"`?(?:derived\.|totals\.)?(\w+)`", "`" + row)
    ]
    assert len(names) > 12
    assert set(names) <= known


def test_exit_codes_are_those_of_the_command_s_own_help():
    help_text = " ".join(trunkline("console", "--help").stdout.split())
    for words in ("0 well", "1 there was none to look at", "3 one is poor, lost, failed or gone"):
        assert words in help_text


def test_the_file_of_thresholds_that_the_page_shows_is_one(tmp_path):
    (text,) = blocks("toml")
    path = tmp_path / "thresholds.toml"
    path.write_text(text, encoding="utf-8")
    read = read_thresholds(path)
    assert (read["rtt_ms"].warning, read["rtt_ms"].bad, read["score"].warning) == (100, 300, 85)
