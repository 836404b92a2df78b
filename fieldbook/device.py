"""`fieldbook device`: a device without a screen, over exactly the app's store and sync runner."""

import argparse
import asyncio
import getpass
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fieldbook import carried
from fieldbook.stop import Stop
from fieldbook.visits import new_visit
from mobile_app.device import Device, wall_clock
from mobile_app.platform.storage import ProfileFiles, ProfileInUse
from mobile_app.store.bundle import export_bundle, take_answer
from mobile_app.store.faults import DiskFull
from mobile_app.store.pin import WeakPin
from mobile_app.store.records import UnsentContent
from mobile_app.store.vault import PinRefused
from shared.blob import MAX_SIZE
from shared.findings import local_findings

Task_ = Callable[[argparse.Namespace], Coroutine[Any, Any, tuple[Any, str]]]


def device_task(task: Task_) -> Callable[[argparse.Namespace], int]:
    """Make a command of what is done with a device: its answer is printed, as JSON or as text."""

    def run(asked: argparse.Namespace) -> int:
        try:
            answer, text = asyncio.run(task(asked))
        except ProfileInUse as error:
            raise Stop(str(error)) from None
        except (PinRefused, WeakPin) as error:
            raise Stop(f"The PIN was not accepted: {error}") from None
        except DiskFull:
            raise Stop(
                "The disk is full, so this was not saved. What was saved before is safe; make "
                "room and do it again."
            ) from None
        print(json.dumps(answer, ensure_ascii=False) if asked.json else text)
        return 1 if isinstance(answer, dict) and answer.get("findings") else 0

    return run


@asynccontextmanager
async def _device(asked: argparse.Namespace) -> AsyncIterator[Device]:
    device = Device(ProfileFiles(asked.store))
    try:
        yield device
    finally:
        await device.close()


@asynccontextmanager
async def unlocked(asked: argparse.Namespace) -> AsyncIterator[Device]:
    """Open the device that is asked about, with its PIN."""
    async with _device(asked) as device:
        if not device.enrolled:
            raise Stop("This store is not enrolled: `fieldbook device enrol` comes first.")
        await device.unlock(_pin())
        yield device


def _pin() -> str:
    return os.environ.get("FIELDBOOK_PIN") or getpass.getpass("PIN: ")


@device_task
async def enrol(asked: argparse.Namespace) -> tuple[Any, str]:
    """Sign this machine in."""
    async with _device(asked) as device:
        await device.enrol(asked.server, asked.code, _pin())
        me = device.store.me
        answer = {
            "device_id": device.store.identity.device_id,
            "employee_no": me.employee_no,
            "name": me.name,
            "role": me.role,
        }
        return answer, f"Enrolled for {me.name} ({me.employee_no}, {me.role})."


@device_task
async def customers(asked: argparse.Namespace) -> tuple[Any, str]:
    """Find customers on this device."""
    async with unlocked(asked) as device:
        found = [asdict(row) for row in device.store.customers(asked.search, asked.limit)]
    return found, "\n".join(f"{row['id']}\t{row['name']}\t{row['address']}" for row in found)


@device_task
async def visit(asked: argparse.Namespace) -> tuple[Any, str]:
    """Log a visit; it is on this device's disk when this returns."""
    async with unlocked(asked) as device:
        if device.store.customer(asked.customer) is None:
            raise Stop("This customer is not on this device. Sync, or check the id.")
        made = new_visit(
            device.store,
            wall_clock(),
            customer_id=asked.customer,
            purpose=asked.purpose,
            outcome=asked.outcome,
            need=asked.need,
            note=asked.note,
            next_step=asked.next_step,
            next_due=asked.next_due and asked.next_due.isoformat(),
        )
        device.store.commit(*made)
    ids = [insert.id for insert in made]
    return {"id": ids[0], "task_id": ids[1] if len(ids) > 1 else None}, ids[0]


@device_task
async def sync(asked: argparse.Namespace) -> tuple[Any, str]:
    """Exchange until nothing is left to send or to read."""
    async with unlocked(asked) as device:
        report = await device.runner.sync_once()
        uploaded = await device.send_attachments()
        overview, unsent = device.store.overview(), device.attachments.unsent()
    answer: dict[str, Any] = {
        "pushed": report.pushed,
        "pulled": report.pulled,
        "pending": overview.pending,
        "quarantined": overview.issues,
        "uploaded": uploaded,
        "unsent_attachments": len(unsent),
        "issues": [_issue(each) for each in unsent if each.refusal is not None],
    }
    return answer, _said(answer)


def _issue(unsent: UnsentContent) -> dict[str, str]:
    assert unsent.refusal is not None  # noqa: S101 - only refused ones are asked for
    return {
        "attachment": unsent.item.attachment.id,
        "code": unsent.refusal.code,
        "text": unsent.refusal.sentence("en"),
    }


@device_task
async def status(asked: argparse.Namespace) -> tuple[Any, str]:
    """Say what is where."""
    async with unlocked(asked) as device:
        overview = device.store.overview()
        issues = [
            {"op_id": item.op_id, "code": item.refusal.code, "text": item.refusal.sentence("en")}
            for item in device.store.outbox()
            if item.refusal is not None
        ]
    answer = {
        "pending": overview.pending,
        "delivered": overview.delivered,
        "kept_aside": overview.kept_aside,
        "quarantined": overview.issues,
        "customers": overview.customers,
        "interactions": overview.interactions,
        "last_sync_at": overview.last_sync_at,
        "issues": issues,
    }
    return answer, _said(answer)


@device_task
async def doctor(asked: argparse.Namespace) -> tuple[Any, str]:
    """Say what is not as it should be on this device, and what to do."""
    async with unlocked(asked) as device:
        report = device.store.report()
        rows = device.store.row_counts()
    found = [
        {"code": each.code, "text": each.sentence(asked.lang)}
        for each in local_findings(report, wall_clock())
    ]
    well = {"zh": "一切正常。", "en": "Nothing needs you."}[asked.lang]
    text = "\n".join(f"- {each['text']}" for each in found) or well
    return {**asdict(report), "rows": rows, "findings": found}, text


@device_task
async def verify(asked: argparse.Namespace) -> tuple[Any, str]:
    """Compare this device with the server, and repair what differs."""
    async with unlocked(asked) as device:
        check = await device.runner.verify()
    if check is None:
        raise Stop("Others are writing, so this was not finished. Nothing was touched; try again.")
    answer = {"outcome": check.outcome, "repaired": check.repaired}
    return answer, _said(answer)


@device_task
async def timeline(asked: argparse.Namespace) -> tuple[Any, str]:
    """Print what happened with a customer, latest first."""
    async with unlocked(asked) as device:
        items = device.store.timeline(asked.customer)
    found = [
        {"by": item.by_name, "state": str(item.state), **asdict(item.interaction)} for item in items
    ]
    lines = (
        f"{row['occurred_at']}\t{row['channel']}\t{row['by']}\t{row['state']}" for row in found
    )
    return found, "\n".join(lines)


@device_task
async def attach(asked: argparse.Namespace) -> tuple[Any, str]:
    """Attach a file; its content and its record are on this device's disk when this returns."""
    content = _read(asked.file)
    async with unlocked(asked) as device:
        if device.store.customer(asked.customer) is None:
            raise Stop("This customer is not on this device. Sync, or check the id.")
        held = device.attachments.hold(asked.kind, content)
        made = device.attachments.record_of(held, asked.customer, asked.interaction, asked.caption)
        device.attachments.commit([], [made])
    return asdict(made), made.id


def _read(file: Path) -> bytes:
    """Read a file, or just enough to see that it is too large."""
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_SIZE + 1)
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror}. Nothing was attached.") from None


@device_task
async def attachments(asked: argparse.Namespace) -> tuple[Any, str]:
    """List what is attached to a customer, latest first, and where its content is."""
    async with unlocked(asked) as device:
        found = [
            {
                "by": item.by_name,
                "state": str(item.state),
                "content": str(device.attachments.state(item.attachment)),
                **asdict(item.attachment),
            }
            for item in device.store.attachments(asked.customer)
        ]
    lines = (
        f"{row['occurred_at']}\t{row['kind']}\t{row['size']}\t{row['by']}\t{row['content']}"
        for row in found
    )
    return found, "\n".join(lines)


@device_task
async def export(asked: argparse.Namespace) -> tuple[Any, str]:
    """Put what is unsent into a sync bundle; it stays unsent."""
    async with unlocked(asked) as device:
        made = export_bundle(device.store)
    carried.write(asked.file, made.content)
    answer = {"bundle_id": made.id, "operations": made.operations, "bytes": len(made.content)}
    return answer, f"{made.operations} operations are in {asked.file}, and still on this device."


@device_task
async def import_answer(asked: argparse.Namespace) -> tuple[Any, str]:
    """Read the verdicts that the server gave on a sync bundle."""
    content = carried.read(asked.file, "ANSWER")
    async with unlocked(asked) as device:
        settled = take_answer(device.store, content)
        pending = device.store.overview().pending
    answer = {"delivered": settled.delivered, "refused": settled.refused, "pending": pending}
    return answer, _said(answer)


def _said(answer: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in answer.items() if name != "issues")
