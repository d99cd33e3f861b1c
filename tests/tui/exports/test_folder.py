from __future__ import annotations

import os
from pathlib import Path

import pytest

from trunkline.tui.exports import folder as module
from trunkline.tui.exports.folder import Folder, file_name

AT = 1_763_994_725.0


def test_a_name_says_which_line_what_and_when():
    assert file_name("pstn-0107", "events", AT, "json") == "pstn-0107-events-20251124T143205Z.json"


@pytest.mark.parametrize(
    "line", ["../../etc/passwd", "\x1b]52;c;\x07", "", "..", "a b/c\\d", "名前", "x" * 500]
)
def test_no_name_of_a_line_leaves_the_folder_or_commands_a_terminal(line, tmp_path):
    name = file_name(line, "events", AT, "json")
    assert Path(name).name == name
    assert name.isascii()
    assert name.isprintable()
    assert len(name) < 120
    assert Path(Folder(tmp_path).put(name, b"x")).parent == tmp_path


def test_nobody_else_may_read_it(tmp_path):
    path = Path(Folder(tmp_path / "new" / "deep").put("a.json", b"{}"))
    assert path.read_bytes() == b"{}"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_nothing_is_ever_replaced(tmp_path):
    folder = Folder(tmp_path)
    paths = [Path(folder.put("a.json", text)) for text in (b"1", b"2", b"3")]
    assert [path.name for path in paths] == ["a.json", "a-2.json", "a-3.json"]
    assert [path.read_bytes() for path in paths] == [b"1", b"2", b"3"]


def test_a_link_that_lies_there_is_not_followed(tmp_path):
    target = tmp_path / "target"
    os.symlink(target, tmp_path / "a.json")  # noqa: PTH211
    assert Path(Folder(tmp_path).put("a.json", b"1")).name == "a-2.json"
    assert not target.exists()


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        Folder(tmp_path / "file").put("a.json", b"")


def test_it_does_not_try_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_TRIES", 2)
    folder = Folder(tmp_path)
    folder.put("a.json", b"")
    with pytest.raises(FileExistsError):
        folder.put("a.json", b"")


@pytest.mark.parametrize("home", ["XDG_DATA_HOME", "HOME"])
def test_the_usual_place_is_the_user_s_data(tmp_path, monkeypatch, home):
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv(home, str(tmp_path))
    path = Path(Folder().put("a.json", b""))
    inside = "trunkline/exports" if home == "XDG_DATA_HOME" else ".local/share/trunkline/exports"
    assert path == tmp_path / inside / "a.json"


def test_a_free_name_is_one_that_nothing_has(tmp_path):
    folder = Folder(tmp_path / "exports")
    first = folder.free("a.tlrec")
    assert first == tmp_path / "exports" / "a.tlrec"
    assert not first.exists()
    first.symlink_to(tmp_path / "nowhere")
    assert folder.free("a.tlrec").name == "a-2.tlrec"
