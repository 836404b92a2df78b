"""Cuts the committed font files from Noto Sans CJK SC, because a missing glyph never settles.

Flutter's CanvasKit renderer asks a CDN for fallback fonts whenever a character has no glyph, and
asks again at every layout. So the app ships its own glyphs in three files, and knows exactly
which characters they hold:

* `Fieldbook-Regular` and `Fieldbook-Bold` (GB 2312, Latin, the symbols the screens use) are in
  Flutter's FontManifest, which is loaded in full before the first frame: they must stay small.
* `FieldbookRare-Regular`, every other character of the face, is loaded after the first frame as
  a second family and used as fallback: rare characters occur in names, and rarely.
* `FieldbookNone` (336 bytes) shows every character there is as 〓. The page answers the client's
  requests for fallback fonts with it, which settles them, emoji and private characters included.

`coverage.json` holds what all of them can show as [first, last] "ranges", for those who want to
know before rendering, and the "blocks" of the common set: a character is in that set if it lies
in a block or can be encoded as GB 2312, else it needs the rare family.

Kerning is dropped: figures are all 555 units wide and have to stay in columns. The alternates for
Japanese, Korean and Taiwan are dropped with `locl`: the SC face maps to the mainland forms.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from fontTools.ttLib import TTCollection, TTFont, newTable  # type: ignore[import-untyped]
from fontTools.ttLib.tables._c_m_a_p import cmap_format_13  # type: ignore[import-untyped]
from fontTools.ttLib.tables._g_l_y_f import Glyph  # type: ignore[import-untyped]

from bundle import FAMILY, NONE_FAMILY, RARE_FAMILY

FACE = "Noto Sans CJK SC"
DEBIAN_FOLDER = Path("/usr/share/fonts/opentype/noto")  # package fonts-noto-cjk
FIGURES = "0123456789"
ASCENT, DESCENT = 1020, -280  # of 1000 units; accents of capitals reach 1010
BLOCKS = (  # first and last code point of what the common set holds besides GB 2312
    (0x20, 0x7E),  # Latin
    (0xA0, 0xFF),  # Latin-1
    (0x2010, 0x2027),  # dashes, quotes, bullets
    (0x2030, 0x205E),  # per mille, primes, angle quotes
    (0x20A0, 0x20BF),  # currency
    (0x2190, 0x2199),  # arrows
    (0x2460, 0x249B),  # numbered circles
    (0x25A0, 0x25FF),  # shapes, among them the sync marks
    (0x2605, 0x2606),
    (0x2713, 0x2717),
    (0x3000, 0x303F),  # CJK punctuation, with the geta mark 〓
    (0xFF01, 0xFF5E),  # full width forms
    (0xFFE0, 0xFFE6),
)


def gb2312() -> Iterator[int]:
    """Every code point of GB 2312, from the codec of the standard library."""
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield ord(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue


def common_characters() -> set[int]:
    """The set that is loaded before the first frame."""
    return set(gb2312()).union(*(range(first, last + 1) for first, last in BLOCKS))


def face(folder: Path, weight: str) -> TTFont:
    """The SC face of Debian's font collection in `weight`, read afresh: subsetting consumes it."""
    collection = TTCollection(str(folder / f"NotoSansCJK-{weight}.ttc"), lazy=True)
    for font in collection.fonts:
        if font["name"].getDebugName(16) in (FACE, None) and FACE in font["name"].getDebugName(1):
            return font
    raise LookupError(f"no face named {FACE} in the {weight} collection")


def cut(font: TTFont, characters: Iterable[int]) -> TTFont:
    """Only the glyphs of `characters`, without kerning, hints and alternates."""
    options = subset.Options()
    options.layout_features = ["ccmp", "mark", "mkmk"]
    options.hinting = False
    options.desubroutinize = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    return font


def rename(font: TTFont, family: str, weight: str) -> None:
    """Our own family name: the licence forbids none, and two Noto versions would collide."""
    full = f"{family} {weight}"
    names = {1: family, 2: weight, 3: full, 4: full, 6: f"{family}-{weight}"}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]


def set_line_height(font: TTFont) -> None:
    """Lines of 1.3 em instead of Noto's 1.45: the screens are dense, and no glyph is that tall."""
    header, os2 = font["hhea"], font["OS/2"]
    header.ascent, header.descent, header.lineGap = ASCENT, DESCENT, 0
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = ASCENT, DESCENT, 0
    os2.usWinAscent, os2.usWinDescent = ASCENT, -DESCENT


def save(font: TTFont, path: Path) -> Path:
    """Write as WOFF2, without today's date so that the same input gives the same file."""
    font.flavor = "woff2"
    font.recalcTimestamp = False
    font.save(str(path))
    return path


def ranges(characters: Iterable[int]) -> list[list[int]]:
    """`characters` as sorted [first, last] pairs."""
    pairs: list[list[int]] = []
    for code in sorted(characters):
        if pairs and pairs[-1][1] == code - 1:
            pairs[-1][1] = code
        else:
            pairs.append([code, code])
    return pairs


def figures_are_tabular(font: TTFont) -> bool:
    """Whether all ten figures are equally wide, so that amounts line up."""
    character_map = font.getBestCmap()
    return len({font["hmtx"][character_map[ord(figure)]][0] for figure in FIGURES}) == 1


def build_fonts(folder: Path, out: Path) -> list[Path]:
    """Write the fonts and `coverage.json` into `out`; takes about two minutes."""
    out.mkdir(parents=True, exist_ok=True)
    everything = set(face(folder, "Regular").getBestCmap())
    common = common_characters() & everything
    rare = everything - common
    coverage = out / "coverage.json"
    known = {"blocks": BLOCKS, "ranges": ranges(everything)}
    coverage.write_text(json.dumps(known, separators=(",", ":")) + "\n")
    plan = ((FAMILY, "Regular", common), (FAMILY, "Bold", common), (RARE_FAMILY, "Regular", rare))
    return [*(write_one(folder, out, *one) for one in plan), write_none(out), coverage]


def write_one(folder: Path, out: Path, family: str, weight: str, characters: set[int]) -> Path:
    """One font file: cut, renamed, checked and compressed."""
    font = cut(face(folder, weight), characters)
    rename(font, family, weight)
    set_line_height(font)
    if family == FAMILY and not figures_are_tabular(font):
        raise ValueError(f"the figures of {family} {weight} are not equally wide")
    return save(font, out / f"{family}-{weight}.woff2")


def geta() -> Glyph:
    """The two bars of 〓."""
    pen = TTGlyphPen(None)
    for low, high in ((180, 330), (430, 580)):
        pen.moveTo((90, low))
        for corner in ((90, high), (910, high), (910, low)):
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def every_character(glyph: str) -> Any:
    """A character map that gives `glyph` for all of Unicode: format 13, meant for this."""
    table = cmap_format_13(13)
    table.platformID, table.platEncID = 3, 10
    table.format, table.reserved, table.language = 13, 0, 0
    table.cmap = dict.fromkeys(range(0x20, 0x110000), glyph)
    cmap = newTable("cmap")
    cmap.tableVersion, cmap.tables = 0, [table]
    return cmap


def write_none(out: Path) -> Path:
    """The font that has 〓 for everything."""
    glyphs = [".notdef", "geta"]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(glyphs)
    builder.font["cmap"] = every_character("geta")
    builder.setupGlyf({name: geta() for name in glyphs})
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 90)))
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupNameTable({"familyName": NONE_FAMILY, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=ASCENT, sTypoDescender=DESCENT)
    builder.setupPost()
    builder.updateHead(created=0, modified=0)
    return save(builder.font, out / f"{NONE_FAMILY}.woff2")
