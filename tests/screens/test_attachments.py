"""Photos, recordings and signatures on the screens: given to a form, shown, opened, refused."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import flet as ft
import flet.canvas as cv
import pytest

from mobile_app import theme
from mobile_app.attachments import Attachments
from mobile_app.state.signature import Pad, strokes_of
from mobile_app.store.blobs import Blobs
from mobile_app.store.bridge import open_engine
from mobile_app.store.faults import DiskFull
from mobile_app.store.records import AttachmentItem, ContentState, RecordState, UnsentContent
from shared.domain import Attachment
from shared.domain.attachment import recognised
from shared.errors import CATALOGUE, Refusal, Unreachable, refused
from shared.sync.change import Insert
from tests.screens.memory import NOW, MemoryAttachments, MemoryDevice, person, todo
from tests.screens.stage import Stage, opened, running
from tests.screens.test_with_the_real_store import KEY, a_store, device_with

PHOTO = b"\xff\xd8\xff" + b"a face" * 100
VOICE = b"OggS" + b"a voice" * 100


def equipped() -> MemoryDevice:
    device = MemoryDevice()
    device.store.people = [person()]
    device.store.items = [todo()]
    return device


async def started(device: MemoryDevice, language: str = "zh") -> Stage:
    """The form of a visit with what must be said said."""
    stage = await opened(device, language=language)
    await stage.go("/today/c1")
    await stage.tap("开始拜访" if language == "zh" else "Start visit")
    for key in ("purpose:loan", "outcome:done"):
        await stage.tap_key(key)
    return stage


def attachments_of(device: MemoryDevice) -> list[Attachment]:
    return list(device.store.attached.values())


def an_item(kind: str = "photo", **changes: object) -> AttachmentItem:
    made = Attachment(
        "a9", "c1", "e1", kind, "image/jpeg", 2_000_000, "0" * 64, NOW, "i1",  # type: ignore[arg-type]
    )  # fmt: skip
    return AttachmentItem(replace(made, **changes), "王敏", RecordState.IN_RECORD)  # type: ignore[arg-type]


def with_item(item: AttachmentItem, content: bytes = PHOTO) -> MemoryDevice:
    """A device on which a contact has an attachment."""
    from mobile_app.store.records import TimelineItem
    from tests.screens.memory import contact

    device = equipped()
    line = TimelineItem(contact(1), "王敏", RecordState.IN_RECORD, (), (item,))
    device.store.contacts["c1"] = [line]
    device.store.attached[item.attachment.id] = item.attachment
    device.attachments.contents[item.attachment.sha256] = content
    return device


# The form


def test_a_photo_and_a_recording_go_with_the_visit() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)
        await stage.pick("photo", PHOTO)
        await stage.pick("voice", VOICE)
        assert stage.says("照片·1 KB")

        await stage.tap("提交")

        [[visit, *_], *_] = device.store.committed
        assert isinstance(visit, Insert)
        assert [each.kind for each in attachments_of(device)] == ["photo", "voice"]
        assert {each.interaction_id for each in attachments_of(device)} == {visit.id}
        assert stage.all_views()[-1] == "/today/c1"
        assert [stage.says(word) for word in ("照片", "录音", "本机")] == [True] * 3

    running(scene)


def test_several_photos_are_picked_at_once_if_the_device_lets_one() -> None:
    async def scene() -> None:
        stage = await started(equipped())

        await stage.pick("photo", PHOTO, PHOTO + b"2")

        assert len(stage.here.desk.form("c1").attaching.held) == 2

    running(scene)


def test_a_visit_needs_no_attachment() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)

        await stage.tap("提交")

        assert len(device.store.committed) == 1
        assert attachments_of(device) == []

    running(scene)


def test_every_way_to_attach_is_large_enough_for_a_finger() -> None:
    async def scene() -> None:
        stage = await started(equipped())

        ways = [one for one in stage.shown(ft.OutlinedButton) if str(one.key).startswith("attach:")]

        assert [str(way.key) for way in ways] == [
            "attach:photo",
            "attach:voice",
            "attach:signature",
        ]
        assert {way.height for way in ways} == {theme.TOUCH}

    running(scene)


def test_the_picker_opens_inside_the_tap_and_waits_for_a_camera() -> None:
    async def scene() -> None:
        stage = await started(equipped())

        actions = [one.action for one in stage.shown(ft.OutlinedButton) if one.action]

        assert [cast(ft.PickFiles, each).args["file_type"].value for each in actions] == [
            "image",
            "audio",
        ]
        for action in actions:
            args = cast(ft.PickFiles, action).args
            assert args["with_data"] is True
            assert args["cancel_upload_on_window_blur"] is False

    running(scene)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("content", "code"), [(b"%PDF", "attachment_type"), (b"", "attachment_size")]
)
def test_what_cannot_be_attached_is_said_and_the_form_goes_on(
    language: str, content: bytes, code: str
) -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device, language)

        await stage.pick("photo", content)

        assert stage.says(refused(code, limit_mb=20).sentence(language))
        await stage.tap("提交" if language == "zh" else "Submit")
        assert attachments_of(device) == []
        assert len(device.store.committed) == 1

    running(scene)


def test_a_file_that_cannot_be_read_and_a_full_disk_are_said() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)

        await stage.pick("photo", None)
        assert stage.says("没有读出来")
        device.attachments.problem = DiskFull()
        await stage.pick("photo", PHOTO)

        assert stage.says("设备存满了")

    running(scene)


def test_one_is_taken_back_before_the_visit_is_saved() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)
        await stage.pick("photo", PHOTO)

        await stage.tap("去掉照片")
        await stage.tap("提交")

        assert attachments_of(device) == []

    running(scene)


def test_the_draft_keeps_what_was_attached() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)
        await stage.pick("photo", PHOTO)

        again = await opened(device)
        await again.go("/today/c1")
        await again.tap("接着写这次记录")

        assert again.says("照片·1 KB")
        device.attachments.contents.clear()
        lost = await opened(device)
        await lost.go("/today/c1")
        await lost.tap("接着写这次记录")
        assert not lost.says("照片·1 KB")

    running(scene)


# The signature


def test_a_signature_is_drawn_with_a_finger() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)
        await stage.tap("签名")
        assert "请客户签名" in stage.dialogs()
        assert stage.find("签好了", "click").disabled

        await stage.stroke((10, 20), (30, 40), (400, -5))
        await stage.stroke((5, 5))
        await stage.tap("签好了")
        await stage.tap("提交")

        [made] = attachments_of(device)
        svg = device.attachments.contents[made.sha256]
        assert (made.kind, made.media_type) == ("signature", "image/svg+xml")
        assert strokes_of(svg) == (((10, 20), (30, 40), (320, 0)), ((5, 5),))

    running(scene)


def test_a_signature_is_drawn_anew_or_not_at_all() -> None:
    async def scene() -> None:
        device = equipped()
        stage = await started(device)
        await stage.tap("签名")
        await stage.stroke((10, 20), (30, 40))
        [canvas] = stage.shown(cv.Canvas)
        assert len(canvas.shapes) == 1

        await stage.tap("重写")
        assert stage.find("签好了", "click").disabled
        await stage.tap("取消")

        assert [one.open for one in stage.shown(ft.AlertDialog)] == [False]
        assert stage.here.desk.form("c1").attaching.held == ()

    running(scene)


def test_a_drawing_is_what_its_type_says() -> None:
    pad = Pad()
    pad.begin(1, 2)
    pad.draw(100, 100)

    assert recognised("signature", pad.svg()) == "image/svg+xml"


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"<svg/>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        Pad().svg().replace(b"</svg>", b'<image href="http://elsewhere/x.png"/></svg>'),
        Pad().svg().replace(b"</svg>", b'<path d="M1,1" onload="alert(1)"/></svg>'),
        Pad().svg().replace(b"</svg>", b'<path d="M1,1"/><!-- --></svg>'),
        Pad().svg() + b"\n",
        b"\xff" * 100,
        Pad().svg().ljust(2_000_000, b" "),
    ],
)
def test_only_what_was_drawn_here_is_read_as_a_drawing(foreign: bytes) -> None:
    assert strokes_of(foreign) is None


def test_a_pad_does_not_fill_up_without_end() -> None:
    pad = Pad()
    pad.strokes = (tuple((n % 300, n % 100) for n in range(20_000)),)

    pad.begin(1, 1)
    pad.draw(300, 100)

    assert sum(map(len, pad.strokes)) == 20_000
    assert strokes_of(pad.svg()) == pad.strokes


# The timeline


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (ContentState.LOCAL, "本机"),
        (ContentState.UPLOADED, "已上传"),
        (ContentState.ELSEWHERE, "点开取回"),
        (ContentState.REFUSED, "需处理"),
    ],
)
def test_a_chip_says_where_its_content_is_and_follows_it(state: ContentState, word: str) -> None:
    async def scene() -> None:
        item = an_item(caption="门头")
        device = with_item(item)
        stage = await opened(device)
        await stage.go("/today/c1")

        device.attachments.states[item.attachment.sha256] = state
        for listener in device.attachments._listeners:
            listener()
        await stage.settle()

        assert stage.says("门头")
        assert stage.says(word)

    running(scene)


def test_a_tap_opens_the_picture_from_its_bytes() -> None:
    async def scene() -> None:
        stage = await opened(with_item(an_item()))
        await stage.go("/today/c1")

        await stage.tap("照片")

        [image] = stage.shown(ft.Image)
        assert image.src == PHOTO
        assert any("1.9 MB" in text for text in stage.dialogs())
        await stage.tap("关闭")
        assert [one.open for one in stage.shown(ft.AlertDialog)] == [False]
        assert stage.here.desk.viewing.picture is None

    running(scene)


def test_a_tap_opens_a_signature_as_strokes() -> None:
    async def scene() -> None:
        pad = Pad()
        pad.begin(1, 1)
        pad.draw(100, 100)
        item = an_item("signature", media_type="image/svg+xml")
        stage = await opened(with_item(item, pad.svg()))
        await stage.go("/today/c1")

        await stage.tap("签名")

        [canvas] = stage.shown(cv.Canvas)
        assert len(canvas.shapes) == 1
        assert stage.shown(ft.Image) == []

    running(scene)


@pytest.mark.parametrize(
    ("kind", "media_type", "content", "said"),
    [
        ("voice", "audio/ogg", VOICE, "还不能在应用里播放"),
        ("signature", "image/svg+xml", b"<svg ><script/></svg>", "不是在外勤簿里写的"),
    ],
)
def test_what_cannot_be_shown_is_said(
    kind: str, media_type: str, content: bytes, said: str
) -> None:
    async def scene() -> None:
        stage = await opened(with_item(an_item(kind, media_type=media_type), content))
        await stage.go("/today/c1")

        await stage.tap("录音" if kind == "voice" else "签名")

        assert any(said in text for text in stage.dialogs())
        assert stage.shown(ft.Image) == []

    running(scene)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (refused("blob_waiting"), CATALOGUE["blob_waiting"].zh),
        (Unreachable("no link"), "没连上网点服务器"),
        (DiskFull(), "设备存满了"),
    ],
)
def test_what_does_not_come_is_said_where_it_was_asked_for(problem: Exception, said: str) -> None:
    async def scene() -> None:
        device = with_item(an_item())
        device.attachments.problem = problem
        stage = await opened(device)
        await stage.go("/today/c1")

        await stage.tap("照片")

        assert any(said in text for text in stage.dialogs())
        assert not any("正在取回" in text for text in stage.dialogs())

    running(scene)


def test_what_belongs_to_no_contact_stands_above_the_timeline() -> None:
    async def scene() -> None:
        device = equipped()
        loose = an_item(interaction_id=None, caption="营业执照").attachment
        device.store.attached[loose.id] = loose
        stage = await opened(device)

        await stage.go("/today/c1")

        assert stage.says("附件")
        assert stage.says("营业执照")

    running(scene)


# The sync centre


def test_the_sync_centre_says_what_is_on_its_way_and_why_one_is_not() -> None:
    async def scene() -> None:
        device = equipped()
        going, refused_one = an_item(), an_item("voice", id="a8", sha256="1" * 64)
        device.attachments.waiting = [
            UnsentContent(refused_one, "刘秀兰", 0, Refusal("blob_quota", {})),
            UnsentContent(going, "单玉珍", 500_000, None),
        ]
        stage = await opened(device)
        await stage.go("/me/sync")

        assert stage.says(CATALOGUE["blob_quota"].zh)
        assert stage.says("已传 25%")
        assert [stage.says(name) for name in ("刘秀兰", "单玉珍")] == [True, True]
        await stage.tap("再传")

        assert device.attachments.retried == ["a8"]

    running(scene)


# Over the real stores


def test_a_photo_of_a_visit_is_durable_before_its_record_and_opens_again(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        blobs = Blobs(open_engine(str(tmp_path / "attachments.db"), KEY), lambda: NOW)
        attachments = Attachments(store, blobs, None, lambda: NOW)  # type: ignore[arg-type]
        device = replace(device_with(store), attachments=cast(MemoryAttachments, attachments))
        stage = await opened(device)
        await stage.tap("开始拜访·刘秀兰")
        await stage.pick("photo", PHOTO)
        [held] = blobs.unsent()
        for key in ("purpose:deposit", "outcome:interested"):
            await stage.tap_key(key)

        await stage.tap("提交")
        assert stage.says("本机")
        await stage.tap("照片")

        [image] = stage.shown(ft.Image)
        assert image.src == PHOTO == blobs.content(held.sha256)
        blobs.close()
        store.close()

    running(scene)


def test_a_visit_that_is_given_up_leaves_no_photo(tmp_path: Path) -> None:
    async def scene() -> None:
        store = a_store(tmp_path)
        blobs = Blobs(open_engine(str(tmp_path / "attachments.db"), KEY), lambda: NOW)
        attachments = Attachments(store, blobs, None, lambda: NOW)  # type: ignore[arg-type]
        device = replace(device_with(store), attachments=cast(MemoryAttachments, attachments))
        stage = await opened(device)
        await stage.tap("开始拜访·刘秀兰")
        await stage.pick("photo", PHOTO)

        await stage.tap("不记了")

        assert blobs.all() == {}
        blobs.close()
        store.close()

    running(scene)
