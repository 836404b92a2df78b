"""Selling and pay at the command line: the app's form, rules and words, without a screen."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from fieldbook.__main__ import main
from fieldbook.branch import PIN, Branch
from mobile_app.device import Device
from mobile_app.platform.storage import ProfileFiles
from mobile_app.store.device_store import DeviceStore
from tests.server.paying_branch import paying_branch


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    made = paying_branch(tmp_path_factory.mktemp("branch"))
    with made.serving(), pytest.MonkeyPatch.context() as patched:
        patched.setenv("FIELDBOOK_PIN", PIN)
        yield made


class Phone:
    """One manager's device, used by commands."""

    def __init__(self, branch: Branch, folder: Path, employee_no: str = "AM001") -> None:
        self.folder = folder / employee_no
        self.store = ("--store", str(self.folder))
        code = json.loads(said("admin", "enrol-code", employee_no, *branch.where, "--json"))["code"]
        self.does("enrol", "--server", branch.url, "--code", code)
        self.does("sync")
        self.customer = str(self.does("customers")[0]["id"])

    def does(self, *words: str) -> Any:
        """Run a command; return its answer."""
        return json.loads(said("device", *words, *self.store, "--json"))

    def says(self, *words: str) -> str:
        """Run a command; return what a person reads."""
        return said("device", *words, *self.store)

    def refuses(self, *words: str) -> str:
        """Run a command that is refused; return why."""
        with redirect_stderr(StringIO()) as printed:
            assert main(["device", *words, *self.store]) == 1
        return printed.getvalue()

    def on_device(self, work: Callable[[DeviceStore], Any]) -> Any:
        """Do something with its store, as the app would."""

        async def unlocked() -> Any:
            device = Device(ProfileFiles(self.folder))
            await device.unlock(PIN)
            done = work(device.store)
            await device.close()
            return done

        return asyncio.run(unlocked())

    def sells(self, product: str, *words: str) -> Any:
        """Log a sale."""
        return self.does(*self.sale(product, *words))

    def sale(self, product: str, *words: str) -> tuple[str, ...]:
        """Return the words that log a sale."""
        return ("sale", "--customer", self.customer, "--product", product, *words)

    def its(self, sale: str) -> Any:
        """Return one's sale as it is listed."""
        return next(each for each in self.does("sales") if each["id"] == sale)


def said(*words: str) -> str:
    """Run a command in this process, which saves a second of imports; return what it prints."""
    with redirect_stdout(StringIO()) as printed:
        assert main(words) == 0
    return printed.getvalue()


@pytest.fixture(scope="module")
def phone(branch: Branch) -> Phone:
    return Phone(branch, branch.folder)


def test_products_say_how_far_they_go_in_the_field_and_what_they_pay(phone: Phone) -> None:
    stages = {each["code"]: each["stages"] for each in phone.does("products")}

    assert stages == {
        "CARD": ["intent", "appointment", "submitted"],
        "CERT": ["intent", "appointment"],
        "DEPOSIT": ["intent", "appointment", "submitted"],
        "WM-R3": ["intent", "appointment"],
    }
    [card] = phone.says("products", "--search", "card").splitlines()
    assert "每张 ¥60.00" in card
    assert "per piece" in phone.says("products", "--search", "card", "--lang", "en")


def test_a_sale_is_kept_on_the_device_with_what_it_will_pay(phone: Phone) -> None:
    made = phone.sells("CARD", "--qty", "2", "--ref", "C-1")

    assert (made["estimate"], made["formula"]) == ("120.00", "2 张 x 60.00 = 120.00")
    mine = phone.its(made["id"])
    assert (mine["status"], mine["state"], mine["external_ref"]) == ("submitted", "local", "C-1")
    phone.does("sync")
    assert phone.its(made["id"])["state"] == "in_record"
    assert "云汀信用卡\t2 张\t已提交\t已入档\tC-1" in phone.says("sales")


@pytest.mark.parametrize(
    ("product", "words", "why"),
    [
        ("CARD", (), "(no_measure)"),
        ("CERT", ("--amount", "50000.00"), "(not_in_the_field)"),
        ("WM-R3", ("--amount", "50000.00", "--stage", "intent"), "(risk_too_high)"),
        ("GOLD", ("--qty", "1"), "has no product GOLD"),
        ("DEPOSIT", ("--amount", "1.00", "--qty", "3"), "leave --qty out"),
        ("CARD", ("--qty", "1", "--stage", "appointment"), "--appointment-on"),
        ("CARD", ("--qty", "1", "--share", "AM002=100"), "100 %"),
        ("CARD", ("--qty", "1", "--share", "SV001=50"), "SV001 is no account manager"),
    ],
)
def test_what_the_bank_does_not_allow_is_refused_with_the_reason_and_not_kept(
    phone: Phone, product: str, words: tuple[str, ...], why: str
) -> None:
    before = phone.does("status")["pending"], phone.does("sales")

    assert why in phone.refuses(*phone.sale(product, *words))

    assert (phone.does("status")["pending"], phone.does("sales")) == before


@pytest.mark.parametrize("amount", ["1.005", "1,000.00", "CNY 5"])
def test_an_amount_that_is_no_yuan_is_asked_wrongly(phone: Phone, amount: str) -> None:
    with redirect_stderr(StringIO()) as printed, pytest.raises(SystemExit) as stopped:
        main(["device", *phone.sale("DEPOSIT", "--amount", amount), *phone.store])

    assert stopped.value.code == 2
    assert "two decimals" in printed.getvalue()


def test_a_sale_leaves_what_is_begun_in_the_app_alone(phone: Phone) -> None:
    begun = {"product_id": "begun", "qty_text": "7"}
    phone.on_device(lambda store: store.save_draft(f"sale:{phone.customer}", begun))

    made = phone.sells("CARD", "--qty", "1", "--stage", "intent")

    assert phone.its(made["id"])["status"] == "intent"
    assert phone.on_device(lambda store: store.draft(f"sale:{phone.customer}")) == begun


def test_a_colleague_accepts_a_share_or_disputes_it(phone: Phone, branch: Branch) -> None:
    shared = [phone.sells("CARD", "--qty", "1", "--share", "AM002=30") for _ in range(2)]
    assert [each["estimate"] for each in shared] == ["42.00", "42.00"]
    phone.does("sync")
    other = Phone(branch, branch.folder, "AM002")
    mine = {each["sale_id"]: each["id"] for each in other.does("offers")}
    assert "云汀信用卡·你 30 %" in other.says("offers")

    first, second = (mine[each["id"]] for each in shared)
    other.does("answer", first, "--accept")
    other.does("answer", second, "--dispute", "一半是我的")
    other.does("sync")
    phone.does("sync")

    assert [phone.its(each["id"])["stands"] for each in shared] == [True, False]
    assert "No such offer" in other.refuses("answer", first, "--accept")


def test_pay_tells_the_estimate_and_how_it_comes_about(phone: Phone) -> None:
    made = phone.sells("DEPOSIT", "--amount", "300000.00")

    month = phone.does("pay")

    mine = [each for each in month["entries"]["estimate"] if each["sale"] == made["id"]]
    assert [(each["type"], each["amount"]) for each in mine] == [("EARN", "300.00")]
    assert mine[0]["formula"] == "300,000.00 x 0.1 % = 300.00"
    assert (month["confirmed"]["payable"], month["entries"]["confirmed"]) == ("0.00", [])
    text = phone.says("pay")
    assert "预估应发" in text
    assert "-300.00 x 40 % = -120.00" in text
    assert "等资金到账" in text


@pytest.mark.parametrize("month", ["2026-13", "2026", "03/2026"])
def test_what_is_no_month_is_asked_wrongly(phone: Phone, month: str) -> None:
    with redirect_stderr(StringIO()), pytest.raises(SystemExit) as stopped:
        main(["device", "pay", "--month", month, *phone.store])

    assert stopped.value.code == 2
