"""Webhooks: signed, in order, at least once, to listed hosts only; never lost."""

import asyncio
import base64
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Refusal
from shared.findings import HOUR_MS, server_findings
from shared.testing.builders import NOW
from sync_server.courier import Courier
from sync_server.hooks import GIVE_UP_MS, Sending, back_off_ms, host_of, secret_of, signature
from sync_server.live import Live
from sync_server.outward import Right
from sync_server.store.access import accesses
from sync_server.store.database import Database
from sync_server.store.events import Reader
from sync_server.store.health import server_report
from sync_server.store.webhooks import (
    CLAIM_MS,
    add_hook,
    claim_due,
    failed,
    hook_named,
    hooks,
    remove_hook,
    replay,
)
from tests.server.account_bank import AccountBank
from tests.server.receiver import Receiver, receiving

HERE = Sending(frozenset({"127.0.0.1"}))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


class HookedBank(AccountBank):
    """The branch, whose changes go to one receiver."""

    def __init__(self, database: Database, receiver: Receiver) -> None:
        super().__init__(database)
        self.receiver = receiver
        self.now = int(NOW)

    def hook(self, *rights: Right, types: frozenset[str] = frozenset()) -> str:
        """Add the hook; return its secret."""
        reader = Reader(frozenset(["events", *rights]), types)
        with self.database.writing() as connection:
            id, _ = add_hook(connection, "crm", self.receiver.url, reader, self.now)
        return secret_of(self.database.cursor_key, id)

    def send_until(self, done: Callable[[], bool], sending: Sending = HERE) -> None:
        """Let a courier work until something holds, then stop it as a server that ends does."""
        asyncio.run(self._send(done, sending))

    async def _send(self, done: Callable[[], bool], sending: Sending) -> None:
        live = Live()
        courier = Courier(self.database, live, lambda: self.now, sending)
        running = asyncio.create_task(courier.run())
        async with asyncio.timeout(60):
            while not done() and not running.done():
                await asyncio.sleep(0.01)
                live._poke_all()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    def standing(self) -> dict[str, Any]:
        """Return the hook as it stands."""
        with self.database.reading() as connection:
            [found] = hooks(connection)
        return found

    def is_quiet(self) -> bool:
        """Whether the hook has everything."""
        with self.database.reading() as connection:
            head = connection.exec_driver_sql(
                "SELECT seq, ord FROM change_log ORDER BY seq DESC, ord DESC LIMIT 1"
            ).one()
        return (self.standing()["seq"], self.standing()["ord"]) == tuple(head)

    def findings(self) -> list[str]:
        """Return what the doctor says of hooks."""
        found = server_findings(server_report(self.database), self.now)
        return [each.code for each in found if each.code.startswith("webhook")]


@pytest.fixture
def bank(database: Database, receiver: Receiver) -> HookedBank:
    return HookedBank(database, receiver)


# What is signed, and where it may go


def test_a_delivery_is_signed_as_standard_webhooks_say() -> None:
    """The example of their specification's libraries."""
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        b'{"test": 2432232314}',
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_hook_has_a_secret_of_its_own() -> None:
    secrets = {secret_of(bytes(32), "a"), secret_of(bytes(32), "b"), secret_of(b"1" * 32, "a")}

    assert len(secrets) == 3
    assert {len(base64.b64decode(each.removeprefix("whsec_"))) for each in secrets} == {32}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://CRM.bank.example/hook?x=1", "crm.bank.example"),
        ("https://10.20.0.9:8443/", "10.20.0.9"),
        ("http://127.0.0.1:9/", "127.0.0.1"),
        ("http://[::1]:9/", "::1"),
    ],
)
def test_an_address_has_a_host(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "crm.bank.example",
        "http://crm.bank.example/",
        "http://127.0.0.1.evil.example/",
        "https://user:word@crm.bank.example/",
        "https://127.0.0.1@crm.bank.example/",
        "https://",
        "https://crm.bank.example:x/",
        "https://银行.example/",
        "file:///etc/passwd",
        f"https://crm.bank.example/{'x' * 500}",
    ],
)
def test_what_is_no_safe_address_is_refused(url: str) -> None:
    with pytest.raises(Refusal) as refusal:
        host_of(url)
    assert refusal.value.code == "webhook_url"


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True), st.integers(0, 10**6))
def test_a_wait_grows_to_an_hour_and_is_as_long_as_asked(
    failures: int, chance: float, asked_s: int
) -> None:
    wait = back_off_ms(failures, chance)

    assert 2_500 <= wait <= HOUR_MS
    assert wait <= back_off_ms(failures + 1, chance) or wait == HOUR_MS
    assert back_off_ms(failures, chance, asked_s) >= min(asked_s * 1_000, HOUR_MS)


# What is sent


def test_a_hook_is_sent_what_changes_from_then_on_in_order(
    bank: HookedBank, receiver: Receiver
) -> None:
    secret = bank.hook("personal", types=frozenset({"fieldbook.customer.changed"}))
    named = [bank.customer_named(f"客户{order}") for order in range(250)]

    bank.send_until(bank.is_quiet)

    assert [event["subject"] for event in receiver.taken] == named
    assert receiver.ids() == sorted(receiver.ids())
    assert receiver.is_signed_by(secret)
    assert not receiver.is_signed_by(secret_of(bytes(32), "crm"))
    assert receiver.tries[0]["content-type"] == "application/cloudevents-batch+json"
    assert len({headers["webhook-id"] for headers in receiver.tries}) == len(receiver.tries)


def test_without_a_right_what_is_sent_is_masked(bank: HookedBank, receiver: Receiver) -> None:
    bank.hook()
    bank.customer_named("欧阳晓敏")

    bank.send_until(bank.is_quiet)

    assert receiver.taken[0]["data"]["name"] == "欧**敏"


def test_what_was_sent_is_noted(bank: HookedBank, receiver: Receiver) -> None:
    bank.hook()
    bank.customer_named("客户")
    bank.send_until(bank.is_quiet)

    with bank.database.reading() as connection:
        [noted] = accesses(connection, None, 10)
    [event] = receiver.taken
    assert noted["system"] == "webhook:crm"
    assert noted["extent"].startswith(event["id"].replace("-", "."))


# When it is not taken


def test_what_is_not_taken_comes_again_later_and_under_the_same_id(
    bank: HookedBank, receiver: Receiver
) -> None:
    bank.hook()
    receiver.answers = [(500, {}), (503, {"retry-after": "600"})]
    bank.customer_named("客户")

    bank.send_until(lambda: bank.standing()["failures"] == 1)
    first = bank.standing()
    bank.now += HOUR_MS
    bank.send_until(lambda: bank.standing()["failures"] == 2)
    second = bank.standing()
    bank.now += HOUR_MS
    bank.send_until(bank.is_quiet)

    assert first["said"] == "HTTP 500"
    assert 2_500 <= first["next_at"] - NOW <= 5_000
    assert second["next_at"] - (NOW + HOUR_MS) == 600_000
    assert len({headers["webhook-id"] for headers in receiver.tries}) == 1
    assert len(receiver.taken) == 1
    assert (bank.standing()["failures"], bank.standing()["said"]) == (0, None)


def test_a_hook_that_takes_nothing_for_three_days_is_paused_and_goes_on_when_told(
    bank: HookedBank, receiver: Receiver
) -> None:
    bank.hook()
    receiver.answers = [(500, {}), (500, {})]
    bank.customer_named("客户")
    bank.send_until(lambda: bank.standing()["failures"] == 1)
    bank.now += HOUR_MS + 1
    assert bank.findings() == ["webhook_behind"]
    bank.now = NOW + GIVE_UP_MS
    bank.send_until(lambda: bank.standing()["failures"] == 2)

    assert bank.standing()["status"] == "paused"
    assert bank.findings() == ["webhook_paused"]
    with bank.database.writing() as connection:
        replay(connection, "crm", None)
    bank.send_until(bank.is_quiet)
    assert len(receiver.taken) == 1
    assert bank.findings() == []


def test_a_receiver_that_wants_no_more_is_paused_at_once(
    bank: HookedBank, receiver: Receiver
) -> None:
    bank.hook()
    receiver.answers = [(410, {})]
    bank.customer_named("客户")

    bank.send_until(lambda: bank.standing()["status"] == "paused")

    assert len(receiver.tries) == 1


def test_a_redirect_is_not_followed(bank: HookedBank, receiver: Receiver) -> None:
    with receiving() as elsewhere:
        bank.hook()
        receiver.answers = [(307, {"location": elsewhere.url})]
        bank.customer_named("客户")

        bank.send_until(lambda: bank.standing()["failures"] == 1)

        assert bank.standing()["said"] == "HTTP 307"
        assert elsewhere.tries == []


def test_a_host_that_is_not_listed_is_sent_nothing(bank: HookedBank, receiver: Receiver) -> None:
    bank.hook()
    bank.customer_named("客户")

    bank.send_until(
        lambda: bank.standing()["failures"] == 1, Sending(frozenset({"crm.bank.example"}))
    )

    assert receiver.tries == []
    assert "--webhook-to" in bank.standing()["said"]


def test_a_receiver_that_is_not_there_fails_and_waits(bank: HookedBank) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and so no other process gets the port meanwhile
        bank.receiver = Receiver(nobody.getsockname()[1])
        bank.hook()
        bank.customer_named("客户")

        bank.send_until(lambda: bank.standing()["failures"] == 1)

    assert "ConnectError" in bank.standing()["said"]


# Who sends


def test_of_two_servers_one_sends_until_its_claim_is_over(bank: HookedBank) -> None:
    bank.hook()
    bank.customer_named("客户")

    def claimed(at: int) -> list[str]:
        with bank.database.writing() as connection:
            return [hook.name for hook in claim_due(connection, at, (), 8)]

    assert claimed(NOW) == ["crm"]
    assert claimed(NOW + CLAIM_MS - 1) == []
    assert claimed(NOW + CLAIM_MS) == ["crm"]


def test_a_delivery_that_was_not_noted_comes_again(bank: HookedBank, receiver: Receiver) -> None:
    """The server dies after the receiver has it and before it knows."""
    bank.hook()
    bank.customer_named("客户")
    with bank.database.writing() as connection:
        [hook] = claim_due(connection, NOW, (), 8)

    courier = Courier(bank.database, Live(), lambda: NOW, HERE)

    async def die() -> None:
        from sync_server.courier import client_for

        async with client_for(HERE) as client:
            await courier._post(client, hook, courier._read(hook))

    asyncio.run(die())
    bank.now += CLAIM_MS
    bank.send_until(bank.is_quiet)

    assert len(receiver.taken) == 2
    assert len(set(receiver.ids())) == 1
    assert len({headers["webhook-id"] for headers in receiver.tries}) == 1


def test_a_replay_sends_again_from_a_transaction_on(bank: HookedBank, receiver: Receiver) -> None:
    bank.hook()
    for order in range(3):
        bank.customer_named(f"客户{order}")
    bank.send_until(bank.is_quiet)
    since = receiver.ids()[1][0]

    with bank.database.writing() as connection:
        replay(connection, "crm", since)
    bank.send_until(bank.is_quiet)

    assert [seq for seq, _ in receiver.ids()[3:]] == [since, since + 1]


def test_a_replay_in_the_middle_of_a_delivery_is_not_undone_by_it(
    bank: HookedBank, receiver: Receiver
) -> None:
    bank.hook()
    bank.customer_named("客户")

    def once() -> None:
        receiver.on_delivery = lambda: None
        with bank.database.writing() as connection:
            replay(connection, "crm", 1)

    receiver.on_delivery = once
    bank.send_until(bank.is_quiet)

    assert receiver.ids()[1:] == sorted(receiver.ids()[1:])
    assert receiver.ids()[1] < receiver.ids()[0]
    assert receiver.ids()[-1] == receiver.ids()[0]


@pytest.mark.parametrize("meanwhile", ["moved", "replayed"])
def test_a_failure_is_not_held_against_a_hook_that_is_another_by_now(
    bank: HookedBank, meanwhile: str
) -> None:
    bank.hook()
    bank.customer_named("客户")
    with bank.database.writing() as connection:
        [former] = claim_due(connection, bank.now, [], 8)
        if meanwhile == "replayed":
            replay(connection, "crm", 1)
        else:
            remove_hook(connection, "crm")
    if meanwhile == "moved":
        bank.hook()

    with bank.database.writing() as connection:
        failed(connection, former, "HTTP 410", bank.now, HOUR_MS, is_final=True)

    assert (bank.standing()["status"], bank.standing()["failures"]) == ("active", 0)


# Names


def test_a_name_is_given_once_and_an_unknown_one_refused(bank: HookedBank) -> None:
    bank.hook()
    codes = []
    for act in (
        lambda c: add_hook(c, "crm", "https://x.example/", Reader(frozenset()), NOW),
        lambda c: hook_named(c, "erp"),
        lambda c: remove_hook(c, "erp"),
        lambda c: replay(c, "erp", None),
    ):
        with pytest.raises(Refusal) as refusal, bank.database.writing() as connection:
            act(connection)
        codes.append(refusal.value.code)

    assert codes == ["webhook_known", *["webhook_unknown"] * 3]
