"""`fieldbook`: the commands, what they take, and how a refusal reads on a terminal.

Exit status 0: done. 1: refused, with the reason as a sentence. 2: asked wrongly.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from fieldbook.stop import Stop
from shared.domain.attachment import AttachmentKind
from shared.domain.customer import Need
from shared.domain.interaction import Outcome, Purpose
from shared.domain.sale import Precaution
from shared.errors import Refusal, Unreachable
from shared.money import Fen, parse_yuan

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
Run = Callable[[argparse.Namespace], int]
IMPORTS = (
    "confirmations", "products", "targets", "quality", "employees",
    "customers", "accounts", "cards", "flows", "fees", "calls", "service_events",
)  # fmt: skip
"""The kinds of files; not asked of the server's modules, which a device lacks."""
RIGHTS = ("record", "events", "personal", "numbers", "import", "attachments")
"""What another system may do; not asked of the server's modules, which a device lacks."""
STAGES = ("intent", "appointment", "submitted")
"""How far a sale may be when it is logged; not asked of the app's modules, which a server lacks."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    asked = parser().parse_args(arguments)
    try:
        return _run_of(asked.run)(asked)
    except Refusal as refusal:
        print(f"{refusal.sentence('en')} ({refusal.code})", file=sys.stderr)
    except Unreachable as error:
        print(f"The server cannot be reached ({error}). Nothing is lost.", file=sys.stderr)
    except Stop as stop:
        print(stop, file=sys.stderr)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    return 1


def _run_of(place: str) -> Run:
    """Import a command's module only now: the server needs no Flet, a device no server."""
    module, name = place.split(":")
    run: Run = getattr(import_module(f"fieldbook.{module}"), name)
    return run


def parser() -> argparse.ArgumentParser:
    """Build the command line."""
    top = argparse.ArgumentParser(
        prog="fieldbook", description="外勤簿 Fieldbook: offline-first field work for a bank."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _server(commands)
    _admin(commands)
    _import(commands)
    _refused(commands)
    _webhook(commands)
    _demo(commands)
    _device(commands)
    _commission(commands)
    _value(commands)
    _customers(commands)
    doctor = _command(commands, "doctor", "doctor:doctor", "say what needs someone, and what to do")
    _where(doctor)
    doctor.add_argument("--json", action="store_true", help="answer as JSON")
    doctor.add_argument("--lang", choices=("zh", "en"), default="zh", help="of the sentences (zh)")
    _command(commands, "smoke", "smoke:smoke", "run the main job on this machine and say what came")
    return top


def _command(commands: Commands, name: str, run: str, help: str) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=help, description=help)
    made.set_defaults(run=run)
    return made


def _server(commands: Commands) -> None:
    server = _command(commands, "server", "server:serve", "serve a branch")
    _where(server)
    _listen(server)
    server.add_argument("--webapp", type=Path, metavar="DIR", help="the built web app")
    server.add_argument("--drop", type=Path, metavar="DIR", help="take in what is put here")
    server.add_argument(
        "--drop-quiet", type=_quiet, default=10.0, metavar="SECONDS",
        help="after so long without a change; `never`: with a mark only (10)",
    )  # fmt: skip
    server.add_argument(
        "--webhook-to", action="append", default=[], metavar="HOST", help="webhooks may go here"
    )
    server.add_argument("--webhook-ca", type=Path, metavar="FILE", help="the authority of HOST")
    server.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate (PEM)")
    server.add_argument("--tls-key", type=Path, metavar="FILE", help="its key (PEM)")


def _quiet(text: str) -> float | None:
    if text == "never":
        return None
    if not 1 <= (seconds := float(text)) <= 3_600:
        raise argparse.ArgumentTypeError("between 1 and 3600 seconds, or never")
    return seconds


def _listen(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1", help="where to listen (this machine only)")
    command.add_argument("--port", type=int, default=8710, help="the port (8710)")


def _where(command: argparse.ArgumentParser) -> None:
    where = command.add_mutually_exclusive_group(required=True)
    where.add_argument("--data", type=Path, metavar="DIR", help="keep one SQLite file here")
    where.add_argument("--database", metavar="URL", help="keep everything in PostgreSQL")


def _admin(commands: Commands) -> None:
    admin = commands.add_parser("admin", help="run a branch")
    tasks = admin.add_subparsers(required=True, metavar="TASK")
    tls = _command(tasks, "tls", "admin:tls", "make the branch's CA and a server certificate")
    tls.add_argument("--out", type=Path, default=Path("tls"), metavar="DIR", help="where (tls)")
    tls.add_argument("hosts", nargs="+", metavar="HOST", help="names and addresses of the server")
    _admin_task(tasks, "employees", "list the employees")
    code = _admin_task(tasks, "enrol-code", "make a one-time code for a device")
    code.add_argument("employee_no", metavar="EMPLOYEE_NO")
    token = _admin_task(tasks, "system-token", "make a token for another system of the bank")
    token.add_argument("name", metavar="NAME")
    token.add_argument(
        "--may", action="append", default=[], choices=RIGHTS, help="what it may do; may be repeated"
    )
    log = _admin_task(tasks, "access-log", "list what other systems have read, the latest first")
    log.add_argument("--customer", metavar="ID", help="of this customer")
    log.add_argument("--most", type=int, default=100, metavar="N", help="how many (100)")
    revoke = _admin_task(tasks, "revoke", "stop a device from syncing")
    revoke.add_argument("device", metavar="DEVICE")
    _admin_task(tasks, "issues", "list refused work that waits for someone")
    _admin_task(tasks, "receipts", "list what devices say they have purged")
    move = _admin_task(tasks, "move", "give a customer to another account manager")
    move.add_argument("customer", metavar="CUSTOMER")
    move.add_argument("employee_no", metavar="EMPLOYEE_NO")
    _admin_task(tasks, "sweep-blobs", "delete attachments' content that no record names")
    _import_bundle(tasks)
    _backups(tasks)


def _backups(tasks: Commands) -> None:
    known = {
        "backup": ("back_up", "copy the branch's file, also while the server runs"),
        "restore": ("restore", "put a backup in the place of the branch's file"),
    }
    for name, (run, help) in known.items():
        task = _command(tasks, name, f"backup:{run}", help)
        task.add_argument("file", type=Path, metavar="FILE", help="the backup")
        _where(task)
        task.add_argument("--json", action="store_true", help="answer as JSON")
    renew = _command(tasks, "new-generation", "backup:renew", "after a restore by other means")
    _where(renew)
    renew.add_argument("--json", action="store_true", help="answer as JSON")


def _import_bundle(tasks: Commands) -> None:
    bundle = _command(tasks, "import-bundle", "bundle:take_in", "take in what a device exported")
    bundle.add_argument("file", type=Path, metavar="FILE", help="the sync bundle")
    _where(bundle)
    bundle.add_argument("--answer", type=Path, metavar="FILE", help="write the verdicts here")
    bundle.add_argument("--json", action="store_true", help="answer as JSON")


def _admin_task(tasks: Commands, name: str, help: str) -> argparse.ArgumentParser:
    task = _command(tasks, name, f"admin:{name.replace('-', '_')}", help)
    _where(task)
    task.add_argument("--json", action="store_true", help="answer as JSON")
    return task


def _import(commands: Commands) -> None:
    bring = _command(commands, "import", "bring:bring", "take in a file of another bank system")
    bring.add_argument("kind", metavar="KIND", help=f"one of {', '.join(IMPORTS)}")
    bring.add_argument("file", type=Path, metavar="FILE", help="CSV or JSON Lines")
    _where(bring)
    bring.add_argument("--json", action="store_true", help="answer as JSON")


def _refused(commands: Commands) -> None:
    refused = commands.add_parser("refused", help="the rows that imports could not take")
    tasks = refused.add_subparsers(required=True, metavar="TASK")
    _refused_task(tasks, "list", "count them by kind, file and reason")
    show = _refused_task(tasks, "show", "say of each what it is about and why it was refused")
    show.add_argument("--most", type=int, default=100, metavar="N", help="how many (100)")
    export = _refused_task(tasks, "export", "write them into a file that a person corrects", "KIND")
    export.add_argument("out", type=Path, metavar="OUT", help="the CSV file to write")
    for each in (show, export):
        each.add_argument("--lang", choices=("zh", "en"), default="zh", help="of the words (zh)")
    _refused_task(tasks, "replay", "try them again as they stand")
    drop = _refused_task(tasks, "drop", "give them up and delete what they say")
    drop.add_argument("ids", nargs="*", metavar="ID", help="these alone")


def _refused_task(tasks: Commands, name: str, help: str, kind: str = "") -> argparse.ArgumentParser:
    task = _command(tasks, name, f"refused:{name}", help)
    if kind:
        task.add_argument("kind", choices=IMPORTS, metavar=kind, help="the kind of file")
    else:
        task.add_argument("--kind", choices=IMPORTS, metavar="KIND", help="of this kind of file")
    task.add_argument("--file", metavar="NAME", help="of the file that was called so")
    task.add_argument("--reason", metavar="CODE", help="refused for this reason")
    _where(task)
    task.add_argument("--json", action="store_true", help="answer as JSON")
    return task


def _webhook(commands: Commands) -> None:
    webhook = commands.add_parser("webhook", help="send what changes to other systems")
    tasks = webhook.add_subparsers(required=True, metavar="TASK")
    add = _webhook_task(tasks, "add", "add a webhook; its secret is shown once")
    add.add_argument("url", metavar="URL")
    several = {"action": "append", "default": []}
    add.add_argument("--type", **several, metavar="TYPE", help="send these; all otherwise")  # type: ignore[arg-type]
    add.add_argument("--may", **several, choices=RIGHTS[2:4], help="what it may see whole")  # type: ignore[arg-type]
    _webhook_task(tasks, "list", "list webhooks and how they stand", named=False)
    _webhook_task(tasks, "remove", "send nothing more to one")
    test = _webhook_task(tasks, "test", "send one signed event from this machine")
    test.add_argument("--ca", type=Path, metavar="FILE", help="the authority of its certificate")
    replay = _webhook_task(tasks, "replay", "let a paused one go on, or send again")
    replay.add_argument("--since", type=int, metavar="SEQ", help="from this transaction on")


def _webhook_task(
    tasks: Commands, name: str, help: str, *, named: bool = True
) -> argparse.ArgumentParser:
    task = _command(tasks, name, f"webhook:{name}", help)
    if named:
        task.add_argument("name", metavar="NAME")
    _where(task)
    task.add_argument("--json", action="store_true", help="answer as JSON")
    return task


def _demo(commands: Commands) -> None:
    demo = _command(commands, "demo", "demo:demo", "serve a branch with invented customers")
    demo.add_argument("--data", type=Path, required=True, metavar="DIR", help="where it lives")
    demo.add_argument("--webapp", type=Path, metavar="DIR", help="the built web app")
    demo.add_argument("--seed-only", action="store_true", help="make the data and stop")
    demo.add_argument(
        "--story", nargs="?", const="hand", choices=("hand", "auto"),
        help="tell the alert story: people play it in the app, or two devices do",
    )  # fmt: skip
    demo.add_argument(
        "--today", type=date.fromisoformat, metavar="DATE", help="the day the data ends before"
    )
    _listen(demo)


def _device(commands: Commands) -> None:
    device = commands.add_parser("device", help="a device without a screen")
    tasks = device.add_subparsers(required=True, metavar="TASK")
    enrol = _device_task(tasks, "enrol", "sign this machine in as an employee's device")
    enrol.add_argument("--server", required=True, metavar="URL")
    enrol.add_argument("--code", required=True, help="the one-time code")
    customers = _device_task(tasks, "customers", "find customers on this device")
    customers.add_argument("--search", default="", metavar="TEXT")
    customers.add_argument("--limit", type=int, default=50)
    _visit(_device_task(tasks, "visit", "log a visit, with or without a network"))
    _device_task(tasks, "sync", "exchange until nothing is left to send or to read")
    _device_task(tasks, "status", "say what is where")
    _device_task(tasks, "verify", "compare with the server and repair what differs")
    doctor = _device_task(tasks, "doctor", "say what needs its user, and what to do")
    doctor.add_argument("--lang", choices=("zh", "en"), default="zh", help="of the sentences (zh)")
    timeline = _device_task(tasks, "timeline", "print what happened with a customer")
    timeline.add_argument("--customer", required=True, metavar="ID")
    _attach(_device_task(tasks, "attach", "attach a photo, a recording or a signature"))
    attachments = _device_task(tasks, "attachments", "list what is attached to a customer")
    attachments.add_argument("customer", metavar="CUSTOMER")
    _selling(tasks)
    export = _device_task(tasks, "export", "put what is unsent into a file for the server")
    export.add_argument("file", type=Path, metavar="FILE", help="the sync bundle to write")
    answer = _device_task(tasks, "import-answer", "read the verdicts that the server wrote")
    answer.add_argument("file", type=Path, metavar="FILE", help="the answer")


def _visit(visit: argparse.ArgumentParser) -> None:
    visit.add_argument("--customer", required=True, metavar="ID")
    visit.add_argument("--purpose", required=True, choices=get_args(Purpose))
    visit.add_argument("--outcome", required=True, choices=get_args(Outcome))
    visit.add_argument("--need", choices=get_args(Need))
    visit.add_argument("--note", metavar="TEXT")
    visit.add_argument("--next-step", metavar="TEXT")
    visit.add_argument("--next-due", type=date.fromisoformat, metavar="DATE")


def _attach(attach: argparse.ArgumentParser) -> None:
    attach.add_argument("customer", metavar="CUSTOMER")
    attach.add_argument("file", type=Path, metavar="FILE")
    attach.add_argument("--kind", required=True, choices=get_args(AttachmentKind))
    attach.add_argument("--interaction", metavar="ID", help="the contact that it belongs to")
    attach.add_argument("--caption", metavar="TEXT")


def _selling(tasks: Commands) -> None:
    products = _selling_task(tasks, "products", "list what can be sold, and how far in the field")
    products.add_argument("--search", default="", metavar="TEXT")
    _sale(_selling_task(tasks, "sale", "log a sale, with or without a network"))
    _selling_task(tasks, "sales", "list one's own sales")
    _selling_task(tasks, "offers", "list the shares that colleagues propose")
    answer = _selling_task(tasks, "answer", "answer the share that a colleague proposes")
    answer.add_argument("offer", metavar="OFFER")
    which = answer.add_mutually_exclusive_group(required=True)
    which.add_argument("--accept", action="store_true", help="it is right")
    which.add_argument("--dispute", metavar="REASON", help="it is not; a supervisor decides")
    pay = _selling_task(tasks, "pay", "tell a month of commission, and how it came about", "month")
    pay.add_argument("--month", type=_month, metavar="YYYY-MM", help="which one (the present)")


def _sale(sale: argparse.ArgumentParser) -> None:
    sale.add_argument("--customer", required=True, metavar="ID")
    sale.add_argument("--product", required=True, metavar="CODE")
    sale.add_argument("--qty", type=int, metavar="N", help="how many pieces")
    sale.add_argument("--amount", type=_yuan, metavar="YUAN", help="how much, such as 300000.00")
    sale.add_argument("--stage", choices=STAGES, default="submitted", help="(submitted)")
    sale.add_argument("--ref", metavar="NUMBER", help="what the bank's systems call it")
    sale.add_argument("--appointment-on", type=date.fromisoformat, metavar="DATE")
    sale.add_argument("--precaution", choices=get_args(Precaution), help="protects the customer")
    share = {"action": "append", "default": [], "metavar": "EMPLOYEE_NO=PERCENT"}
    sale.add_argument("--share", **share, help="what a colleague gets")  # type: ignore[arg-type]
    sale.add_argument("--interaction", metavar="ID", help="the contact in which it was agreed")


def _yuan(text: str) -> Fen:
    try:
        return parse_yuan(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _month(text: str) -> str:
    try:
        return date.fromisoformat(f"{text}-01").isoformat()[:7]
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a month such as 2026-03: {text!r}") from None


def _selling_task(
    tasks: Commands, name: str, help: str, module: str = "selling"
) -> argparse.ArgumentParser:
    task = _device_task(tasks, name, help, module)
    task.add_argument("--lang", choices=("zh", "en"), default="zh", help="of the words (zh)")
    return task


def _device_task(
    tasks: Commands, name: str, help: str, module: str = "device"
) -> argparse.ArgumentParser:
    task = _command(tasks, name, f"{module}:{name.replace('-', '_')}", help)
    task.add_argument("--store", type=Path, required=True, metavar="DIR", help="its files")
    task.add_argument("--json", action="store_true", help="answer as JSON")
    return task


def _commission(commands: Commands) -> None:
    commission = commands.add_parser("commission", help="work out what sales pay")
    tasks = commission.add_subparsers(required=True, metavar="TASK")
    simulate = _command(tasks, "simulate", "commission:simulate", "try a plan on a scenario file")
    simulate.add_argument("scenario", type=Path, metavar="SCENARIO.json", help="the scenario")
    known = {
        "verify": "check the ledger's chain and every statement",
        "recompute": "compute everyone's open months anew",
    }
    for name, help in known.items():
        task = _command(tasks, name, f"paid:{name}", help)
        _where(task)
        task.add_argument("--json", action="store_true", help="answer as JSON")


def _value(commands: Commands) -> None:
    value = commands.add_parser("value", help="work out what customers are worth, and why")
    tasks = value.add_subparsers(required=True, metavar="TASK")
    _value_task(tasks, "assess", "bring every customer's value up to the facts, as each night does")
    model = _value_task(tasks, "model", "bring the bank's own version of the model")
    model.add_argument("file", type=Path, metavar="MODEL.json", help="the version")


def _value_task(tasks: Commands, name: str, help: str) -> argparse.ArgumentParser:
    task = _command(tasks, name, f"value:{name}", help)
    _where(task)
    task.add_argument("--json", action="store_true", help="answer as JSON")
    return task


def _customers(commands: Commands) -> None:
    customers = commands.add_parser("customers", help="find customers who are in the record twice")
    tasks = customers.add_subparsers(required=True, metavar="TASK")
    queue = _customers_task(tasks, "duplicates", "list the pairs that wait for a supervisor")
    queue.add_argument("--most", type=int, default=100, metavar="N", help="how many (100)")
    _customers_task(tasks, "find", "look for customers who are one, as the server does each day")
    known = {"merge": "make two customers one; the elder record goes on",
             "split": "take the merge of two customers back"}  # fmt: skip
    for name, help in known.items():
        task = _customers_task(tasks, name, help)
        task.add_argument("one", metavar="CUSTOMER")
        task.add_argument("other", metavar="OTHER")
        task.add_argument("--reason", required=True, metavar="TEXT", help="what shows it")


def _customers_task(tasks: Commands, name: str, help: str) -> argparse.ArgumentParser:
    task = _command(tasks, name, f"customers:{name}", help)
    _where(task)
    task.add_argument("--lang", choices=("zh", "en"), default="zh", help="of the sentences (zh)")
    task.add_argument("--json", action="store_true", help="answer as JSON")
    return task


if __name__ == "__main__":
    sys.exit(main())
