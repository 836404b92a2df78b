"""The branch's own certificate authority, and the server certificate that it signs.

A tablet's browser gives offline storage and a service worker only to a page it got over HTTPS,
and a branch network has no public name that a public authority would sign. So the branch makes an
authority of its own; a tablet is told to trust it once, and its fingerprint travels in the
enrolment code.

The authority may vouch for private addresses, for names that no public site can have, and for the
hosts it was made for. If its key is stolen, the thief can stand in for the branch server, but not
for the rest of the internet on the tablets that trust it.

    ca.crt       what tablets trust; 10 years
    ca.key       signs renewals; worth taking off the machine
    server.crt   what the server shows; 397 days, the longest that browsers accept
    server.key

Making it again renews the server's certificate and keeps the authority, so that no tablet has to
be touched.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_DAYS = 3_653
SERVER_DAYS = 397
BACKDATED = timedelta(days=1)
"""Tablets' clocks run behind; a certificate from the future would lock them out."""
PRIVATE_NAMES = ("localhost", "local", "lan", "internal", "home.arpa")
PRIVATE_NETWORKS = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
)
REMEDY = (
    "Move ca.crt and ca.key away and run this again for a new authority, which every tablet has "
    "to be told to trust."
)


class UnusableAuthority(Exception):
    """The authority in the folder can't sign what is asked; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """What a server needs to speak TLS, and what a device needs to trust it."""

    ca_cert: Path
    cert: Path
    key: Path
    fingerprint_sha256: str
    """Of the authority's certificate (its DER form), 64 lower-case hex digits."""


@dataclass(frozen=True, slots=True)
class _Authority:
    cert: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_branch_tls(directory: Path, hosts: Sequence[str], now: datetime) -> TlsFiles:
    """Write a server certificate for `hosts` (names or addresses) that is valid from `now`.

    The authority in `directory` is used when there is one, else made. `now` is aware.

    Raises: `UnusableAuthority`; ValueError for no hosts.
    """
    if not hosts:
        raise ValueError("a server certificate names at least one host")
    names = list(dict.fromkeys(map(_general_name, hosts)))
    directory.mkdir(parents=True, exist_ok=True)
    authority = _authority(directory, names, now)
    files = TlsFiles(
        directory / "ca.crt",
        directory / "server.crt",
        directory / "server.key",
        authority.cert.fingerprint(hashes.SHA256()).hex(),
    )
    key = ec.generate_private_key(ec.SECP256R1())
    _write_pair(files.cert, _server_cert(authority, names, key, now), files.key, key)
    return files


def _authority(directory: Path, names: Sequence[x509.GeneralName], now: datetime) -> _Authority:
    cert_path, key_path = directory / "ca.crt", directory / "ca.key"
    if not cert_path.exists() and not key_path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        authority = _Authority(_ca_cert(names, key, now), key)
        _write_pair(cert_path, authority.cert, key_path, key)
        return authority
    authority = _read_authority(cert_path, key_path)
    _check_able(authority.cert, names, now)
    return authority


def _read_authority(cert_path: Path, key_path: Path) -> _Authority:
    try:
        cert = x509.load_pem_x509_certificate(cert_path.read_bytes())
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
    except (FileNotFoundError, ValueError) as error:
        raise UnusableAuthority(
            f"The branch authority needs both {cert_path.name} and {key_path.name} in "
            f"{cert_path.parent}; put the missing or damaged one back from your backup."
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != cert.public_key():
        raise UnusableAuthority(f"{key_path} is not the key of {cert_path}.")
    return _Authority(cert, key)


def _check_able(cert: x509.Certificate, names: Sequence[x509.GeneralName], now: datetime) -> None:
    ended = cert.not_valid_after_utc
    if ended <= now:
        raise UnusableAuthority(f"The branch authority ended on {ended:%Y-%m-%d}. {REMEDY}")
    if outside := _outside(cert, names):
        raise UnusableAuthority(
            f"The branch authority was made for other hosts and may not vouch for "
            f"{', '.join(outside)}. {REMEDY}"
        )


def _outside(cert: x509.Certificate, names: Sequence[x509.GeneralName]) -> list[str]:
    allowed = cert.extensions.get_extension_for_class(x509.NameConstraints).value
    return [str(name.value) for name in names if not _is_permitted(name, allowed)]


def _is_permitted(name: x509.GeneralName, allowed: x509.NameConstraints) -> bool:
    subtrees = [each.value for each in allowed.permitted_subtrees or () if type(each) is type(name)]
    if isinstance(name, x509.IPAddress):
        return any(name.value in network for network in subtrees)
    return any(f".{name.value}".endswith(f".{suffix}") for suffix in subtrees)


def _ca_cert(
    names: Sequence[x509.GeneralName], key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.Certificate:
    subject = _name("Fieldbook branch authority")
    return (
        _unsigned(subject, subject, key, now, now + timedelta(days=CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _server_cert(
    authority: _Authority,
    names: Sequence[x509.GeneralName],
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    until = min(now - BACKDATED + timedelta(days=SERVER_DAYS), authority.cert.not_valid_after_utc)
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    server_auth = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return (
        _unsigned(_name("Fieldbook branch server"), authority.cert.subject, key, now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(server_auth, critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def _unsigned(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _permitted(names: Sequence[x509.GeneralName]) -> list[x509.GeneralName]:
    networks = [x509.IPAddress(ip_network(network)) for network in PRIVATE_NETWORKS]
    return [*map(x509.DNSName, PRIVATE_NAMES), *networks, *map(_subtree, names)]


def _subtree(name: x509.GeneralName) -> x509.GeneralName:
    """A constraint on an address is a network; on a name, the name and what lies under it."""
    return x509.IPAddress(ip_network(name.value)) if isinstance(name, x509.IPAddress) else name


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host.lower())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
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


def _write_pair(
    cert_path: Path, cert: x509.Certificate, key_path: Path, key: ec.EllipticCurvePrivateKey
) -> None:
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _replace(key_path, secret, 0o600)
    _replace(cert_path, cert.public_bytes(pem), 0o644)


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Write whole or not at all; a key is never readable by others, not even for a moment."""
    partial = path.with_suffix(f"{path.suffix}.new")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    partial.replace(path)
