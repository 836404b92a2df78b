"""Findings: what is not as it should be with a server or a device, in a sentence to act on.

`fieldbook doctor` prints them. Each says what is the case, what is safe and what to do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
LONG_UNSENT_MS: Final = DAY_MS
LONG_SILENT_MS: Final = 3 * DAY_MS
SKEW_MS: Final = 5 * 60_000
LITTLE_ROOM: Final = 500 * 1024 * 1024
"""Bytes. A day of a large branch takes a tenth of it."""

_SENTENCES: Final = {
    "damaged": (
        "数据文件已损坏（{said}）。请停止服务，用最近的备份恢复；各设备 14 天内的记录会自动补回。",
        "The database is damaged ({said}). Stop the server and restore the latest backup; devices "
        "send again what they sent in the last 14 days.",
    ),
    "little_room": (
        "磁盘只剩 {mb} MB。现有内容是安全的；请尽快腾出空间，写满后新记录会留在设备上。",
        "Only {mb} MB of disk are left. What is there is safe; make room soon: once it is full, "
        "new records stay on the devices.",
    ),
    "logs_values": (
        "PostgreSQL 会把语句的参数写进日志，客户的证件号码、电话和姓名就以明文留在那里（{said}）。"
        "档案本身是安全的；请为服务器所用的账号设 {remedy}，"
        "并按客户资料处理已写下的日志。",
        "PostgreSQL writes the values of statements into its log, where customers' numbers, "
        "telephones and names then stand in the clear ({said}). The record itself is safe; set "
        "{remedy} for the server's role, and treat the logs written so far as customers' data.",
    ),
    "unsent": (
        "{name}（{employee_no}）的设备上还有 {count} 条未发送，最早的已 {age}。"
        "记录在设备上是安全的；请让设备联网，或导出同步包带回。",
        "{name} ({employee_no}) has {count} unsent on a device, the oldest for {age}. They are "
        "safe there; bring the device into the network, or carry a sync bundle.",
    ),
    "silent": (
        "{name}（{employee_no}）的设备已 {age} 没有联系。请问一下设备是否还在、是否联网。",
        "{name} ({employee_no})'s device has not been heard of for {age}. Ask whether it is "
        "still there and has a network.",
    ),
    "clock": (
        "{name}（{employee_no}）的设备时钟差 {age}。记录不受影响，但时间会显示错；请校准设备时间。",
        "{name} ({employee_no})'s device clock is off by {age}. Records are not affected, but "
        "their times read wrong; set the clock.",
    ),
    "revoked": (
        "{name}（{employee_no}）的设备已停用，还有 {count} 条没交回。内容是安全的；让它再连一次"
        "网就会交回。",
        "{name} ({employee_no})'s device is revoked with {count} not handed in. They are safe on "
        "it; link it once more and it hands them in.",
    ),
    "left": (
        "{name}（{employee_no}）已离职，设备上有 {count} 条没交回。请收回设备，连上网就会交回。",
        "{name} ({employee_no}) has left with {count} not handed in. Collect the device and link "
        "it once; it hands them in.",
    ),
    "held": (
        "{name}（{employee_no}）有 {count} 件没被接收。内容都在；请本人改后重发，或由主管处理。",
        "{name} ({employee_no}): {count} refused and kept whole. The author corrects and resends, "
        "or a supervisor settles it.",
    ),
    "issues": (
        "有 {count} 件待处理，最早的已 {age}。内容都保留着；请本人更正重发，或由主管处理。",
        "{count} issues wait, the oldest for {age}. They are kept whole; their authors correct "
        "and resend them, or a supervisor settles them.",
    ),
    "deferred": (
        "有 {count} 条来自更新版本的应用，暂存未用。内容都保留着；请升级服务器。",
        "{count} operations came from a newer app and are kept aside. Nothing is lost; upgrade "
        "the server.",
    ),
    "before_joining": (
        "银行系统的确认有 {count} 条早于客户经理的入职日期，没有计入，不会丢；最早的是 {key}"
        "（{day}，入职 {joined}）。请核对业务编号，改正日期后用同一流水号重新导入；"
        "若是入职日期错了，请改正入职日期。",
        "{count} confirmations are dated before the account manager joined. They are kept and do "
        "not count; the earliest is {key} ({day}, joined {joined}). Check the reference, correct "
        "the day and import it again under the same key, or correct the day of joining.",
    ),
    "refused_rows": (
        "导入时退回的行还有 {count} 行没有处理，最早的已 {age}。内容都加密保留 90 天；"
        "请运行 fieldbook refused list 查看，补齐后重试或改正后重新导入。",
        "{count} rows that imports refused still wait, the oldest for {age}. They are kept, "
        "encrypted, for 90 days; see fieldbook refused list, then replay or correct them.",
    ),
    "webhook_paused": (
        "推送“{name}”已暂停（{said}）。变更都在档案里，位置已记住，不会丢；"
        "请修好对方后运行 fieldbook webhook replay {name}。",
        "The webhook {name} is paused ({said}). Nothing is lost, its place is kept; put the "
        "receiver right and run fieldbook webhook replay {name}.",
    ),
    "webhook_behind": (
        "推送“{name}”已落后 {age}（{said}）。变更都在档案里，不会丢；请核对对方是否可达，"
        "服务是否带 --webhook-to 启动。",
        "The webhook {name} is {age} behind ({said}). Nothing is lost; check whether the receiver "
        "can be reached, and whether the server runs with --webhook-to.",
    ),
    "pending": (
        "有 {count} 条只在这台设备上，最早的已 {age}。它们已加密保存；请联网，或导出同步包。",
        "{count} records are only on this device, the oldest for {age}. They are saved, "
        "encrypted; find a network, or export a sync bundle.",
    ),
    "quarantined": (
        "有 {count} 条没有被接收，需要你处理。内容都在；请到同步中心更正重发或放弃。",
        "{count} were not accepted and need you. Nothing is lost; open the sync centre to "
        "correct and resend them, or to give them up.",
    ),
    "kept_aside": (
        "有 {count} 条已送达、由服务器原样保存，服务器升级后才会入档。内容不会丢，不用重发；"
        "请提醒运维升级服务器。",
        "{count} were delivered and are kept whole by a server that is too old to understand them. "
        "Nothing is lost or to be sent again; ask the operator to upgrade the server.",
    ),
    "stale": (
        "资料已 {age} 没有更新。可以继续记录；请联网同步后再给客户报数。",
        "What you see is {age} old. You can go on recording; sync before you quote figures.",
    ),
    "newer_rows": (
        "有 {count} 行来自更新版本，这个版本还看不懂。已暂存；请更新应用。",
        "{count} rows are of a newer version than this app. They are kept; update the app.",
    ),
}
_NOT_LOGGED: Final = {
    "auto_explain.log_min_duration": "auto_explain.log_min_duration = -1",
    "log_parameter_max_length_on_error": "log_parameter_max_length_on_error = 0",
}
"""What keeps values out of the database's log where not the length of parameters does."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that someone should act on."""

    code: str
    fields: dict[str, str] = field(default_factory=dict)
    age_ms: int | None = None

    def sentence(self, language: str) -> str:
        """Return it in "zh" or "en"."""
        zh, en = _SENTENCES[self.code]
        filling = dict(self.fields)
        if self.age_ms is not None:
            filling["age"] = told_age(self.age_ms, language)
        return (zh if language == "zh" else en).format_map(filling)


Standing = Literal["active", "revoked", "left"]
"""Whether a device may sync: it may, it was revoked, or its user has left the bank."""


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """What a server knows of one device. Moments are ms; `skew_ms` is its clock's lead."""

    device_id: str
    employee_no: str
    name: str
    pending: int
    oldest_pending_at: int | None
    last_seen: int
    skew_ms: int
    standing: Standing = "active"
    issues: int = 0
    """Its refused transactions that wait for someone."""


@dataclass(frozen=True, slots=True)
class EarlyEvent:
    """What the bank's systems said of a day before the seller joined, by the event's key."""

    key: str
    day: str
    joined_on: str


@dataclass(frozen=True, slots=True)
class WebhookReport:
    """How a webhook stands."""

    name: str
    is_paused: bool
    said: str | None
    """What went wrong last."""
    waiting_since: int | None
    """When the first change was written that it has not had (ms)."""


@dataclass(frozen=True, slots=True)
class ServerReport:
    """How a server stands."""

    integrity: str
    """The word ok, or what is wrong."""
    free_bytes: int | None
    """Room on the disk; None where the database is elsewhere."""
    devices: Sequence[DeviceReport]
    issues: int
    oldest_issue_at: int | None
    deferred: int
    before_joining: Sequence[EarlyEvent] = ()
    """By day; they do not count."""
    webhooks: Sequence[WebhookReport] = ()
    refused_rows: int = 0
    oldest_refused_at: int | None = None
    logs_values: str | None = None
    """By which setting the database logs what statements are about; None where it does not."""


@dataclass(frozen=True, slots=True)
class LocalReport:
    """How a device stands."""

    integrity: str
    pending: int
    oldest_pending_at: int | None
    quarantined: int
    synced_at: int | None
    deferred: int
    """Rows of a newer server that the app does not understand."""
    kept_aside: int = 0
    """Operations of the app that the server does not understand."""


def server_findings(report: ServerReport, now: int) -> list[Finding]:
    """Return what someone should act on, the gravest first; none where all is well."""
    found = []
    if report.integrity != "ok":
        found.append(Finding("damaged", {"said": report.integrity}))
    if report.free_bytes is not None and report.free_bytes < LITTLE_ROOM:
        found.append(Finding("little_room", {"mb": str(report.free_bytes // 1024**2)}))
    if report.logs_values is not None:
        said = report.logs_values
        remedy = _NOT_LOGGED.get(said, "log_parameter_max_length = 0")
        found.append(Finding("logs_values", {"said": said, "remedy": remedy}))
    if report.issues:
        since = now - (report.oldest_issue_at or now)
        found.append(Finding("issues", {"count": str(report.issues)}, since))
    if report.deferred:
        found.append(Finding("deferred", {"count": str(report.deferred)}))
    if report.before_joining:
        first, count = report.before_joining[0], str(len(report.before_joining))
        told = {"key": first.key, "day": first.day, "joined": first.joined_on}
        found.append(Finding("before_joining", {"count": count, **told}))
    if report.oldest_refused_at is not None and now - report.oldest_refused_at > DAY_MS:
        rows = {"count": str(report.refused_rows)}
        found.append(Finding("refused_rows", rows, now - report.oldest_refused_at))
    for webhook in report.webhooks:
        found += _webhook_findings(webhook, now)
    for device in sorted(report.devices, key=lambda each: each.oldest_pending_at or now):
        found += device_findings(device, now)
    return found


def _webhook_findings(webhook: WebhookReport, now: int) -> Iterator[Finding]:
    who, waiting = {"name": webhook.name, "said": webhook.said or "-"}, webhook.waiting_since
    if webhook.is_paused:
        yield Finding("webhook_paused", who)
    elif waiting is not None and now - waiting > HOUR_MS:
        yield Finding("webhook_behind", who, now - waiting)


def device_findings(device: DeviceReport, now: int) -> Iterator[Finding]:
    """Yield what someone should act on about one device, the gravest first."""
    who = {"name": device.name, "employee_no": device.employee_no}
    waiting, silent = now - (device.oldest_pending_at or now), now - device.last_seen
    unsent = {**who, "count": str(device.pending)}
    if device.standing != "active":
        if device.pending:
            yield Finding(device.standing, unsent)
    elif device.pending and waiting > LONG_UNSENT_MS:
        yield Finding("unsent", unsent, waiting)
    elif device.last_seen and silent > LONG_SILENT_MS:
        yield Finding("silent", who, silent)
    if device.issues:
        yield Finding("held", {**who, "count": str(device.issues)})
    if device.standing == "active" and abs(device.skew_ms) > SKEW_MS:
        yield Finding("clock", who, abs(device.skew_ms))


def local_findings(report: LocalReport, now: int) -> list[Finding]:
    """Return what a device's user should act on, the gravest first."""
    found = []
    if report.integrity != "ok":
        found.append(Finding("damaged", {"said": report.integrity}))
    if report.quarantined:
        found.append(Finding("quarantined", {"count": str(report.quarantined)}))
    waiting = now - (report.oldest_pending_at or now)
    if report.pending and waiting > HOUR_MS:
        found.append(Finding("pending", {"count": str(report.pending)}, waiting))
    if report.synced_at is not None and now - report.synced_at > DAY_MS:
        found.append(Finding("stale", {}, now - report.synced_at))
    if report.kept_aside:
        found.append(Finding("kept_aside", {"count": str(report.kept_aside)}))
    if report.deferred:
        found.append(Finding("newer_rows", {"count": str(report.deferred)}))
    return found


def told_age(ms: int, language: str) -> str:
    """Say a length of time in the largest unit that fits: 3 天, 5 小时, 12 分钟."""
    units = ((DAY_MS, " 天", " d"), (HOUR_MS, " 小时", " h"), (60_000, " 分钟", " min"))
    size, zh, en = next((unit for unit in units if ms >= unit[0]), units[-1])
    return f"{ms // size}{zh if language == 'zh' else en}"
