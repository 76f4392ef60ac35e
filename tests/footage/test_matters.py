"""Who finds a subject in a single picture: the parts that come with us, and those that don't."""

from importlib.util import find_spec

import numpy as np
import pytest
from tests.footage.cutouts import clip, overlap

from vitascope.footage import FootageError, MissingPart, load_part, parts
from vitascope.footage.matters import PEOPLE, SALIENT, matter_named

people_there = pytest.mark.skipif(bool(PEOPLE.missing()), reason=f"needs {', '.join(PEOPLE.missing())}")


def astronaut() -> np.ndarray:
    data = pytest.importorskip("skimage.data", reason="scikit-image's pictures")
    return np.asarray(data.astronaut(), np.uint8)


def test_both_are_parts() -> None:
    assert parts("matter")["people"] == PEOPLE
    assert parts("matter")["salient"] == SALIENT
    assert SALIENT.missing() == ()


@people_there
@pytest.mark.parametrize("wide", [False, True])
def test_a_person_is_found(wide: bool) -> None:
    picture = astronaut()
    if wide:  # small in a wide frame, where a closer look pays
        picture = np.pad(picture[::2, ::2], ((40, 0), (250, 150), (0, 0)), constant_values=90)
    alpha = matter_named("people").alpha(picture)
    assert alpha.shape == picture.shape[:2]
    assert alpha.dtype == np.float32
    assert 0 <= alpha.min() <= alpha.max() <= 1
    down, right, scale = (40, 250, 0.5) if wide else (0, 0, 1)
    for across, along in ((225, 110), (225, 220), (170, 400)):  # her face, her collar, her suit
        assert alpha[round(down + along * scale), round(right + across * scale)] > 0.9
    for across, along in ((420, 60), (60, 40), (330, 40)):  # the shuttle, the flag, the wall
        assert alpha[round(down + along * scale), round(right + across * scale)] < 0.1


@people_there
def test_nobody_is_found_where_nobody_is() -> None:
    frame, _ = next(clip(2))
    assert matter_named("people").alpha(frame).mean() < 0.05


def test_what_stands_out_is_found() -> None:
    frame, alpha = next(clip(2, "still"))
    assert overlap(load_part("matter", "salient").alpha(frame), alpha) > 0.9


@pytest.mark.parametrize("size", [(90, 160), (1, 1), (3, 50)])
def test_where_nothing_stands_out_that_is_said(size: tuple[int, int]) -> None:
    with pytest.raises(FootageError, match="mark the subject"):
        matter_named("salient").alpha(np.full((*size, 3), 128, np.uint8))


def test_a_wrong_name_names_the_nearest() -> None:
    with pytest.raises(FootageError, match='did you mean "people"'):
        matter_named("peple")


@pytest.mark.skipif(find_spec("rembg") is not None, reason="rembg is installed")
def test_without_rembg_it_says_how_to_get_it() -> None:
    with pytest.raises(MissingPart, match=r"pip install 'rembg\[cpu\]'"):
        matter_named("rembg:u2net")
