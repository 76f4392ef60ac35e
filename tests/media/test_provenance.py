"""Provenance: what is signed comes back, whatever was changed is said, and lineage goes on."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from vitascope.media import MediaError, probe, write_video
from vitascope.media.provenance import SIGNABLE, Made, can_sign, read_provenance, sign
from vitascope.media.signers import OWN_FILE, Signer, brought_signer, own_signer

FRAMES = [np.full((48, 64, 3), 20 * number, np.uint8) for number in range(6)]


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return own_signer(tmp_path_factory.mktemp("identity"))


def made(path: Path) -> Path:
    write_video(path, FRAMES[:1] if path.suffix in (".png", ".jpg", ".jpeg") else FRAMES, 8)
    return path


@pytest.mark.parametrize("suffix", sorted(SIGNABLE))
def test_what_was_signed_comes_back(tmp_path: Path, signer: Signer, suffix: str) -> None:
    path = made(tmp_path / f"fox{suffix}")
    path.chmod(0o640)
    when = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    sign(path, Made("toy", when=when, title="a fox"), signer)
    found = read_provenance(path)
    assert found is not None
    assert (found.valid, found.trusted, found.problems) == (True, False, ())
    assert (found.model, found.title, found.made_by_ai) == ("toy", "a fox", True)
    assert found.software is not None
    assert found.software.startswith("Vitascope ")
    assert found.signer is not None
    assert found.signer.startswith("Vitascope installation ")
    [action] = found.actions
    assert (action.name, action.when) == ("created", "2026-05-04T03:02:01Z")
    assert action.source_type == "trainedAlgorithmicMedia"
    assert action.prompt is None
    assert found.lineage == ()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == [path.name]
    assert probe(path).width_px == 64  # still a file that opens


def test_a_signer_is_trusted_by_who_trusts_its_root(tmp_path: Path, signer: Signer) -> None:
    path = made(tmp_path / "fox.png")
    sign(path, Made("toy"), signer)
    trusting = read_provenance(path, signer.roots)
    other = read_provenance(path, own_signer(tmp_path / "somebody else").roots)
    assert trusting is not None
    assert other is not None
    assert (trusting.trusted, other.trusted, other.valid) == (True, False, True)


def test_prompts_are_written_only_when_given(tmp_path: Path, signer: Signer) -> None:
    path = made(tmp_path / "fox.mp4")
    sign(path, Made("toy", prompt="a secret fox"), signer)
    found = read_provenance(path)
    assert found is not None
    assert found.actions[0].prompt == "a secret fox"
    sign(path, Made("toy"), signer)  # replaces what it had
    assert b"secret" not in path.read_bytes()


def test_what_no_model_invented_isnt_said_to_be(tmp_path: Path, signer: Signer) -> None:
    """An edit by an algorithm; what its parent was stays in the lineage."""
    first, second = made(tmp_path / "first.mp4"), made(tmp_path / "second.mp4")
    sign(first, Made("toy"), signer)
    sign(second, Made("blur", parent=first, trained=False), signer)
    found = read_provenance(second)
    assert found is not None
    assert found.valid
    assert found.actions[-1].source_type == "algorithmicallyEnhanced"
    assert not found.made_by_ai
    assert [each.model for each in found.lineage] == ["toy"]


def test_lineage_goes_back_to_the_first(tmp_path: Path, signer: Signer) -> None:
    first, photo, film = (made(tmp_path / name) for name in ("first.mp4", "photo.png", "other.webm"))
    second, third = (made(tmp_path / name) for name in ("second.mp4", "third.mp4"))
    sign(first, Made("one"), signer)
    sign(second, Made("two", parent=first, relation="extend", inputs=(photo, film)), signer)
    first.unlink()
    sign(third, Made("three", parent=second, relation="remix"), signer)
    found = read_provenance(third)
    assert found is not None
    assert found.valid
    assert [action.name for action in found.actions] == ["opened", "edited"]
    assert (found.actions[1].relation, found.model) == ("remix", "three")
    assert found.actions[1].source_type == "compositeWithTrainedAlgorithmicMedia"
    told = [(each.steps, each.title, each.role, each.model, each.intact) for each in found.lineage]
    assert told == [
        (1, "second.mp4", "parentOf", "two", True),
        (2, "first.mp4", "parentOf", "one", True),
        (2, "photo.png", "inputTo", None, None),
        (2, "other.webm", "inputTo", None, None),
    ]


def test_a_parent_that_was_tampered_with_is_said(tmp_path: Path, signer: Signer) -> None:
    parent, child = made(tmp_path / "parent.mp4"), made(tmp_path / "child.mp4")
    sign(parent, Made("toy"), signer)
    tampered_with(parent)
    sign(child, Made("toy", parent=parent), signer)
    found = read_provenance(child)
    assert found is not None
    assert found.lineage[0].intact is False


def tampered_with(path: Path) -> None:
    """Change one bit of the pictures."""
    content = bytearray(path.read_bytes())
    content[content.rfind(b"mdat") + 60] ^= 1
    path.write_bytes(content)


def test_changed_pictures_are_said(tmp_path: Path, signer: Signer) -> None:
    path = made(tmp_path / "fox.mp4")
    sign(path, Made("toy"), signer)
    tampered_with(path)
    found = read_provenance(path, signer.roots)
    assert found is not None
    assert (found.valid, found.trusted) == (False, False)
    assert found.problems == ("the pictures or the sound were changed after signing",)


def test_a_changed_statement_is_said(tmp_path: Path, signer: Signer) -> None:
    path = made(tmp_path / "fox.png")
    sign(path, Made("toymodel"), signer)
    path.write_bytes(path.read_bytes().replace(b"toymodel", b"camera.1"))
    found = read_provenance(path)
    assert found is not None
    assert not found.valid
    assert found.problems


def test_a_file_cut_short_has_provenance_that_cannot_be_read(tmp_path: Path, signer: Signer) -> None:
    path = made(tmp_path / "fox.mp4")
    sign(path, Made("toy"), signer)
    path.write_bytes(path.read_bytes()[:2000])
    found = read_provenance(path)
    assert found is not None
    assert not found.valid


def test_garbage_has_none(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for suffix in (*SIGNABLE, ".webm", ".txt", ""):
        path = tmp_path / f"garbage{suffix}"
        path.write_bytes(random.bytes(3000))
        assert read_provenance(path) is None
    assert read_provenance(made(tmp_path / "plain.mp4")) is None


def test_formats_without_a_place_are_refused_and_stay(tmp_path: Path, signer: Signer) -> None:
    path = made(tmp_path / "fox.webm")
    before = path.read_bytes()
    assert not can_sign(path)
    with pytest.raises(MediaError, match=r"C2PA has no place .* \.mp4"):
        sign(path, Made("toy"), signer)
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_signed_stays_and_nothing_is_left(tmp_path: Path, signer: Signer) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"not a film at all")
    with pytest.raises(MediaError, match="can't be signed"):
        sign(path, Made("toy"), signer)
    with pytest.raises(MediaError, match="no such file"):
        sign(made(tmp_path / "fox.mp4"), Made("toy", parent=tmp_path / "gone.mp4"), signer)
    assert path.read_bytes() == b"not a film at all"
    assert sorted(os.listdir(tmp_path)) == ["broken.mp4", "fox.mp4"]


def test_the_own_certificate_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "identity"
    with ThreadPoolExecutor(8) as pool:
        signers = set(pool.map(own_signer, [folder] * 8))
    assert len(signers) == 1
    assert os.listdir(folder) == [OWN_FILE]
    assert stat.S_IMODE((folder / OWN_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "PRIVATE" not in repr(signers)


def test_a_brought_certificate_signs(tmp_path: Path) -> None:
    own_signer(tmp_path / "identity")
    key, _, chain = (tmp_path / "identity" / OWN_FILE).read_text().partition("-----END PRIVATE KEY-----\n")
    (tmp_path / "chain.pem").write_text(chain)
    (tmp_path / "key.pem").write_text(key + "-----END PRIVATE KEY-----\n")
    path = made(tmp_path / "fox.png")
    sign(path, Made("toy"), brought_signer(tmp_path / "chain.pem", tmp_path / "key.pem"))
    found = read_provenance(path)
    assert found is not None
    assert found.valid


def test_certificates_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    one, two = (tmp_path / name for name in ("one", "two"))
    own_signer(one), own_signer(two)
    with pytest.raises(MediaError, match="doesn't belong to the first certificate"):
        brought_signer(one / OWN_FILE, two / OWN_FILE)
    with pytest.raises(MediaError, match="can't be read"):
        brought_signer(tmp_path / "gone.pem", one / OWN_FILE)
    (tmp_path / "words.pem").write_text("hello")
    with pytest.raises(MediaError, match="not a PEM certificate chain"):
        brought_signer(tmp_path / "words.pem", one / OWN_FILE)


def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
    old = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now - timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = tmp_path / "old.pem"
    path.write_bytes(old.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    with pytest.raises(MediaError, match="not today"):
        brought_signer(path, path)


def test_without_the_library_it_says_how_to_get_it(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['c2pa'] = None\n"
        "from vitascope.media.provenance import read_provenance\n"
        "read_provenance(sys.argv[1])"
    )
    path = made(tmp_path / "fox.png")
    ran = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True)
    assert "pip install 'vitascope[server]'" in ran.stderr
