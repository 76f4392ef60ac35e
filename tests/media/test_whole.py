"""Outputs appear whole or not at all."""

import errno
import os

import pytest

from vitascope.media import MediaError
from vitascope.media.whole import whole_file, whole_files, whole_folder


def test_a_file_appears_at_the_end_and_only_then(tmp_path):
    final = tmp_path / "film.mp4"
    with whole_file(final) as part:
        assert part.parent == tmp_path
        assert part.suffix == ".mp4"
        part.write_text("new")
        assert not final.exists()
    assert final.read_text() == "new"
    assert os.listdir(tmp_path) == ["film.mp4"]


@pytest.mark.parametrize("broken_by", [KeyboardInterrupt, ValueError, SystemExit, GeneratorExit])
def test_nothing_is_left_by_an_error_and_the_old_file_stays(tmp_path, broken_by):
    final = tmp_path / "film.mp4"
    final.write_text("old")

    def write():
        with whole_file(final) as part:
            part.write_text("half")
            raise broken_by

    with pytest.raises(broken_by):
        write()
    assert final.read_text() == "old"
    assert os.listdir(tmp_path) == ["film.mp4"]


@pytest.mark.parametrize("whole", [whole_file, whole_folder])
def test_a_full_disk_is_said_in_words(tmp_path, whole):
    with pytest.raises(MediaError, match="the disk is full"), whole(tmp_path / "film"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert os.listdir(tmp_path) == []


def test_a_link_is_written_through(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link.png").symlink_to(tmp_path / "real" / "picture.png")
    with whole_file(tmp_path / "link.png") as part:
        part.write_text("new")
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real" / "picture.png").read_text() == "new"


def test_folders_and_devices_are_no_files(tmp_path):
    for place in (tmp_path, "/dev/null"):
        with pytest.raises(MediaError, match="not a file"), whole_file(place):
            pass


def test_a_missing_folder_is_named(tmp_path):
    with (
        pytest.raises(MediaError, match=r"nowhere doesn't exist"),
        whole_file(tmp_path / "nowhere" / "a.mp4"),
    ):
        pass


def test_a_folder_gets_all_its_files_at_once_or_none(tmp_path):
    final = tmp_path / "shots"
    with whole_folder(final) as part:
        (part / "1.png").write_text("1")
        assert not final.exists()
    assert os.listdir(final) == ["1.png"]
    with pytest.raises(MediaError, match="isn't an empty folder"), whole_folder(final):
        pass

    def write():
        with whole_folder(tmp_path / "other") as part:
            (part / "1.png").write_text("1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert os.listdir(tmp_path) == ["shots"]


def test_files_move_into_a_folder_together_or_not_at_all(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with whole_files(tmp_path) as part:
        (part / "1.png").write_text("1")
        (part / "2.png").write_text("2")
    assert sorted(os.listdir(tmp_path)) == ["1.png", "2.png", "mine.txt"]

    def write():
        with whole_files(tmp_path) as part:
            (part / "3.png").write_text("3")
            (part / "sub").mkdir()
            (tmp_path / "sub").write_text("in the way of the last rename")
        raise AssertionError

    with pytest.raises(OSError):  # noqa: PT011 (which error the system gives doesn't matter)
        write()
    assert sorted(os.listdir(tmp_path)) == ["1.png", "2.png", "mine.txt", "sub"]
