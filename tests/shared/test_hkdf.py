"""HKDF-SHA256 against the test vectors of RFC 5869, appendix A."""

import pytest

from shared.hkdf import LONGEST, hkdf_sha256

VECTORS = [
    pytest.param(
        b"\x0b" * 22,
        bytes(range(13)),
        bytes(range(0xF0, 0xFA)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        id="A.1 basic",
    ),
    pytest.param(
        bytes(range(0x50)),
        bytes(range(0x60, 0xB0)),
        bytes(range(0xB0, 0x100)),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e"
        "590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
        id="A.2 longer than a block",
    ),
    pytest.param(
        b"\x0b" * 22,
        b"",
        b"",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        id="A.3 neither salt nor label",
    ),
]


@pytest.mark.parametrize(("secret", "salt", "label", "expected"), VECTORS)
def test_it_derives_what_the_standard_says(
    secret: bytes, salt: bytes, label: bytes, expected: str
) -> None:
    assert hkdf_sha256(secret, salt, label, len(expected) // 2).hex() == expected


@pytest.mark.parametrize("length", [0, LONGEST + 1])
def test_a_length_that_the_standard_has_not_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="bytes"):
        hkdf_sha256(b"secret", b"salt", b"label", length)
