"""The statement as a file: what a spreadsheet and a reader of PDF make of it."""

import csv
import io
import re
import zlib
from pathlib import Path

import pytest

from mobile_app.i18n import Language, Words
from mobile_app.pdf import cut, width_of
from mobile_app.state.performance import Performance
from mobile_app.statement_file import Sheet, as_csv, as_pdf, sheet_of
from mobile_app.store.device_store import DeviceStore
from shared.domain import SaleShare
from tests.screens.memory import NOW, MemoryRunner
from tests.screens.payday import a_quality, a_share, pay_day
from tests.screens.stage import opened, running
from tests.screens.test_with_the_real_store import a_store, device_with


def a_sheet(store: DeviceStore, language: Language = "zh") -> Sheet:
    mine = Performance(store, MemoryRunner(), lambda read, *of: read(*of), lambda: NOW)  # type: ignore[arg-type]
    return sheet_of(Words(language, lambda: NOW), store.me, mine.month())


def paid(folder: Path, *shares: SaleShare) -> DeviceStore:
    store = a_store(folder)
    pay_day(store, *shares, more=[("quality", a_quality("0.9"))])
    return store


def shown(pdf: bytes) -> list[str]:
    """Every text of the pages, in order."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    drawn = "\n".join(zlib.decompress(each).decode() for each in streams)
    return [
        bytes.fromhex(one).decode("utf-16-be") for one in re.findall(r"<([0-9a-f]*)> Tj", drawn)
    ]


def test_a_spreadsheet_reads_the_table_as_chinese_and_its_amounts_as_numbers(
    tmp_path: Path,
) -> None:
    table = as_csv(a_sheet(paid(tmp_path, a_share(1, qty=7))))

    assert table.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert rows[0][:3] == ["佣金结算单 2026年11月", "王敏", "AM001"]
    earned = next(row for row in rows if row and row[0] == "销售所得")
    assert earned[1:3] == ["畅行信用卡", "刘*兰"]
    assert earned[4:] == ["7 张 x 60.00 = 420.00", "420.00"]
    assert ["应发", "", "", "", "", "378.00"] in rows


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_show_the_figures_and_every_entry(tmp_path: Path, language: Language) -> None:
    store = paid(tmp_path, *(a_share(n) for n in range(60)))

    pdf = as_pdf(a_sheet(store, language))

    texts = shown(pdf)
    assert pdf.startswith(b"%PDF-1.4")
    assert pdf.count(b"/Type /Page ") == 2
    assert "3,240.00" in texts
    assert texts.count("60.00") == 60
    assert any("王敏" in text for text in texts)


def test_the_table_of_objects_says_where_each_begins(tmp_path: Path) -> None:
    pdf = as_pdf(a_sheet(paid(tmp_path, a_share(1))))

    places = [int(each) for each in re.findall(rb"(\d{10}) 00000 n", pdf)]
    assert places
    for number, place in enumerate(places, 1):
        assert pdf[place:].startswith(b"%d 0 obj" % number)


def test_a_long_name_is_cut_to_its_column() -> None:
    name = "江苏长三角一体化示范区高端装备制造产业投资有限公司"

    fits = cut(name, 10, 100)

    assert fits.endswith("…")
    assert width_of(fits, 10) <= 100


def test_a_statement_is_saved_from_the_screen(tmp_path: Path) -> None:
    async def scene() -> None:
        saved: list[tuple[str, bytes]] = []

        async def save(name: str, content: bytes) -> bool:
            saved.append((name, content))
            return True

        stage = await opened(device_with(paid(tmp_path, a_share(1))))
        stage.here.desk.performance.save = save
        await stage.go("/performance")

        await stage.tap("存为 PDF")
        await stage.tap("存为表格")

        assert [name for name, _ in saved] == [
            "佣金结算单-2026-11-AM001.pdf",
            "佣金结算单-2026-11-AM001.csv",
        ]
        assert stage.says("已存为 佣金结算单-2026-11-AM001.csv。")

    running(scene)
