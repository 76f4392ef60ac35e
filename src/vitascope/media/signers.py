"""Whose signature goes onto a file: a certificate of our own making, or one brought along. Knows no media.

The own one is signed by a root whose key is then thrown away, so that nobody can make another in its name;
``roots`` is what others need to trust its signatures. Both packages that this needs are optional.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.media.limits import MediaError, Place

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

OWN_FILE = "signing.pem"  # the key and its chain in one file, so that they can't be parted
_YEARS = 10


@dataclass(frozen=True)
class Signer:
    """A chain of certificates (PEM, the signing one first), its key, and who stamps the time, if anybody."""

    chain: str
    key: str = field(repr=False)
    algorithm: str
    timestamps_url: str | None = None

    @property
    def roots(self) -> str:
        """The chain's last certificate (PEM): who trusts it trusts this signer."""
        mark = "-----BEGIN CERTIFICATE-----"
        return mark + self.chain.split(mark)[-1]

    @contextmanager
    def opened(self) -> Generator[Any]:
        """Yield c2pa's signer."""
        c2pa = c2pa_library()
        try:
            info = c2pa.C2paSignerInfo(
                self.algorithm, self.chain.encode(), self.key.encode(), self.timestamps_url
            )
            seal = c2pa.Signer.from_info(info)
        except c2pa.C2paError as error:
            raise MediaError(f"the signing certificate can't be used: {error}") from error
        with seal:
            yield seal


def c2pa_library() -> Any:
    """The c2pa package, untyped as it is; MediaError says how to get it."""
    return _optional("c2pa", "c2pa-python")


def own_signer(folder: Place, timestamps_url: str | None = None) -> Signer:
    """The signer of this installation, from ``folder``/signing.pem (mode 0600); made at the first call.

    Any number of processes may call it at once: they get the same one. Raises MediaError.
    """
    place = Path(folder) / OWN_FILE
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not place.exists():
            _write_once(place, _made())
        text = place.read_text("ascii")
    except (OSError, UnicodeError) as error:
        raise MediaError(f"{place}: the signing certificate can't be kept there ({error})") from error
    return _signer(text, text, str(place), timestamps_url)


def brought_signer(chain: Place, key: Place, timestamps_url: str | None = None) -> Signer:
    """A signer from two PEM files: certificates, the signing one first, and its private key without password.

    Raises MediaError if they can't be read, don't belong together, or have expired.
    """
    texts: list[str] = []
    for path in (chain, key):
        try:
            texts.append(Path(path).read_text("ascii"))
        except (OSError, UnicodeError) as error:
            raise MediaError(f"{path}: can't be read as a PEM file ({error})") from error
    return _signer(texts[0], texts[1], f"{chain}, {key}", timestamps_url)


def _signer(chain: str, key: str, name: str, timestamps_url: str | None) -> Signer:
    """Check that they fit, and which algorithm they mean."""
    x509 = _optional("cryptography.x509", "cryptography")
    serialization = _optional("cryptography.hazmat.primitives.serialization", "cryptography")
    pem, pkcs8, plain = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        certificates = x509.load_pem_x509_certificates(chain.encode())
        private = serialization.load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError) as error:
        raise MediaError(
            f"{name}: not a PEM certificate chain and a private key without password ({error})"
        ) from error
    leaf = certificates[0]
    if leaf.public_key() != private.public_key():
        raise MediaError(
            f"{name}: the key doesn't belong to the first certificate; the signing one goes first"
        )
    if not leaf.not_valid_before_utc <= datetime.now(UTC) <= leaf.not_valid_after_utc:
        raise MediaError(
            f"{name}: the certificate is valid from {leaf.not_valid_before_utc:%Y-%m-%d} to"
            f" {leaf.not_valid_after_utc:%Y-%m-%d}, not today; a valid one is needed"
        )
    return Signer(
        chain="".join(each.public_bytes(pem).decode() for each in certificates),
        key=private.private_bytes(pem, pkcs8, plain).decode(),
        algorithm=_algorithm(private, name),
        timestamps_url=timestamps_url,
    )


def _algorithm(private: Any, name: str) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(private, ec.EllipticCurvePrivateKey):
        curves = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
        if private.curve.name in curves:
            return curves[private.curve.name]
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size >= 2048:
        return "ps256"
    raise MediaError(f"{name}: C2PA signs with EC (P-256, P-384, P-521), Ed25519 or RSA of 2048 bits or more")


def _made() -> str:
    """A new key and its chain as PEM: what C2PA asks of both (specification 2.2, section 14.5.1)."""
    _optional("cryptography.x509", "cryptography")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = f"Vitascope installation {secrets.token_hex(4)}"  # not the machine's name: files travel
    root = (
        _certificate(f"{name}, root", f"{name}, root", root_key, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _certificate(name, f"{name}, root", key, root_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    text = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return (text + leaf.public_bytes(pem) + root.public_bytes(pem)).decode()


def _certificate(
    subject: str, issuer: str, key: EllipticCurvePrivateKey, issuer_key: EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    def named(text: str) -> x509.Name:
        words = ((NameOID.ORGANIZATION_NAME, "Vitascope, self-signed"), (NameOID.COMMON_NAME, text))
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in words])

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # other machines' clocks differ
        .not_valid_after(now + timedelta(days=365 * _YEARS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_once(place: Path, text: str) -> None:
    """Write the file whole, for its owner only, unless another process was quicker: then keep that one's."""
    part = place.with_name(f".{secrets.token_hex(6)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, place)
    finally:
        part.unlink(missing_ok=True)


def _optional(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise MediaError(
            f"signed provenance needs the package {package}: pip install 'vitascope[server]', "
            "or in a clone: bash setup.sh server"
        ) from error
