"""Words about photos, recordings and signatures."""

ATTACHMENTS: dict[str, tuple[str, str]] = {
    "attached.photo": ("照片", "Photo"),
    "attached.voice": ("录音", "Recording"),
    "attached.signature": ("签名", "Signature"),
    "content.local": ("本机", "Here"),
    "content.uploaded": ("已上传", "Uploaded"),
    "content.elsewhere": ("点开取回", "Tap to fetch"),
    "content.refused": ("需处理", "Needs you"),
    "attach": ("附件（可不加）", "Attachments (optional)"),
    "attach.remove": ("去掉{what}", "Remove {what}"),
    "attach.unreadable": (
        "这个文件没有读出来，没有加上。已填的都在，请再选一次。",
        "This file could not be read and was not added. What you filled in is kept; choose again.",
    ),
    "media_type.image/jpeg": ("JPEG 图片", "JPEG image"),
    "media_type.image/png": ("PNG 图片", "PNG image"),
    "media_type.image/webp": ("WebP 图片", "WebP image"),
    "media_type.image/svg+xml": ("手写笔迹", "Handwriting"),
    "media_type.audio/mp4": ("M4A 录音", "M4A audio"),
    "media_type.audio/mpeg": ("MP3 录音", "MP3 audio"),
    "media_type.audio/webm": ("WebM 录音", "WebM audio"),
    "media_type.audio/ogg": ("OGG 录音", "OGG audio"),
    "media_type.audio/wav": ("WAV 录音", "WAV audio"),
    "attachments": ("附件", "Attachments"),
    "attachment.opening": ("正在取回", "Fetching"),
    "attachment.broken": (
        "这张图显示不出来。内容没有动，可以在网点打开。",
        "This picture cannot be shown here. It is untouched and can be opened at the branch.",
    ),
    "attachment.no_player": (
        "录音已存好，这个版本还不能在应用里播放，可以在网点听。",
        "The recording is safe. This version cannot play it yet; it can be heard at the branch.",
    ),
    "attachment.not_drawn_here": (
        "这个签名不是在外勤簿里写的，应用里不显示。内容没有动，可以在网点打开。",
        "This signature was not drawn in Fieldbook and is not shown here. It is untouched and can "
        "be opened at the branch.",
    ),
    "attachment.close": ("关闭", "Close"),
    "signature.title": ("请客户签名", "Signature of the customer"),
    "signature.here": ("签名处，用手指写", "Draw the signature here"),
    "signature.clear": ("重写", "Clear"),
    "signature.done": ("签好了", "Done"),
    "sync.attachments": ("附件还没传完的", "Attachments not uploaded yet"),
    "sync.attachment_part": ("已传 {share}%", "{share}% uploaded"),
    "sync.attachment_retry": ("再传", "Upload again"),
}
