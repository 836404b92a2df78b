"""PDF: pages of text and lines, written without a library, for what a person keeps or prints.

Theory of operation. No library can come along: fpdf2 needs Pillow, of which there is no wheel for
the browser, and reportlab is two megabytes that every device would unpack at every start. A page of
a table is a few operators, so it is written here. Chinese is drawn in STSong-Light, which readers
of PDF know by name and replace by a font of their own (Adobe-GB1; ISO 32000-1, 9.7.5.2): no font is
in the file, it stays at a few kilobytes, and a rare name shows wherever the reader's font has it.
Text goes in as UTF-16; figures are half as wide as a character, so that columns of them line up.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

WIDTH: Final = 595
HEIGHT: Final = 842
"""A4 in points."""
_HALF: Final = b"[1 95 500 814 939 500]"
"""The glyphs of the Latin letters in Adobe-GB1, each half as wide as a character."""
_ASCII: Final = 0x7F


@dataclass
class Page:
    """One page; places are points from its upper left corner."""

    _drawn: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, size: float = 10, grey: float = 0.1) -> None:
        """Write text with its left end at `x` and its foot at `y`."""
        shown = text.encode("utf-16-be").hex()
        self._drawn.append(f"BT {grey} g /F {size} Tf {x:.2f} {HEIGHT - y:.2f} Td <{shown}> Tj ET")

    def text_to(self, x: float, y: float, text: str, size: float = 10, grey: float = 0.1) -> None:
        """Write text with its right end at `x`."""
        self.text(x - width_of(text, size), y, text, size, grey)

    def rule(self, x: float, to: float, y: float, grey: float = 0.8) -> None:
        """Draw a thin line across."""
        foot = HEIGHT - y
        self._drawn.append(f"{grey} G 0.5 w {x:.2f} {foot:.2f} m {to:.2f} {foot:.2f} l S")

    @property
    def content(self) -> bytes:
        """The operators of the page."""
        return "\n".join(self._drawn).encode("ascii")


def width_of(text: str, size: float) -> float:
    """Return how wide text is drawn, in points."""
    return sum(0.5 if ord(each) < _ASCII else 1.0 for each in text) * size


def cut(text: str, size: float, width: float) -> str:
    """Return as much of a text as fits, with an ellipsis where something is left out."""
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def document(pages: Sequence[Page], title: str) -> bytes:
    """Return the file of some pages; the same pages give the same bytes."""
    first = 6
    kids = " ".join(f"{first + 2 * place} 0 R" for place in range(len(pages)))
    named = f"<{(chr(0xFEFF) + title).encode('utf-16-be').hex()}>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H "
        b"/Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /W "
        + _HALF
        + b" /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 "
        b"/FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 "
        b"/CapHeight 880 /StemV 93 >> >>",
        f"<< /Title {named} /Producer (Fieldbook) >>".encode(),
    ]
    for place, page in enumerate(pages):
        objects += _page(page, first + 2 * place + 1)
    return _file(objects)


def _page(page: Page, content: int) -> list[bytes]:
    packed = zlib.compress(page.content, 9)
    return [
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] "
        f"/Resources << /Font << /F 3 0 R >> >> /Contents {content} 0 R >>".encode(),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(packed), packed),
    ]


def _file(objects: Sequence[bytes]) -> bytes:
    """Number the objects and write the table of where each begins."""
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)
