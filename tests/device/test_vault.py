"""The vault: the right PIN on the right device opens it, and guessing ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count

import pytest

from mobile_app.store.argon2id import Cost, argon2id
from mobile_app.store.pin import WeakPin, check_pin
from mobile_app.store.vault import ATTEMPTS, VAULT, Keys, PinRefused, Vault, VaultDamaged

PIN = "402817"
OTHER = "735092"
DEVICE = b"device secret of thirty-two bytes"
CHEAP = Cost(memory_kib=8, passes=1)


class Crash(Exception):
    """The process died here."""


class MemoryStorage:
    """A disk in memory that can lose power at a chosen write."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.writes: list[str] = []
        self.crash_after = 0

    def read(self, name: str) -> bytes | None:
        return self.files.get(name)

    def write(self, name: str, data: bytes) -> None:
        self.files[name] = data
        self.writes.append(name)
        if len(self.writes) == self.crash_after:
            raise Crash


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def vault(storage: MemoryStorage) -> Vault:
    return Vault(storage, DEVICE, cost=CHEAP)


@pytest.fixture
def hours() -> Iterator[float]:
    """A clock on which any wait has passed at the next reading."""
    return (hour * 3600.0 for hour in count(1))


def refused(vault: Vault, pin: str, now: float) -> PinRefused:
    with pytest.raises(PinRefused) as caught:
        vault.unlock(pin, now)
    return caught.value


def guess_wrong(vault: Vault, times: int, hours: Iterator[float]) -> PinRefused:
    return [refused(vault, OTHER, next(hours)) for _ in range(times)][-1]


def test_right_pin_gives_the_keys_made_at_first(vault: Vault) -> None:
    made = vault.create(PIN)

    assert vault.unlock(PIN, 0) == made
    assert len(made.mirror) == len(made.outbox) == 32
    assert made.mirror != made.outbox


def test_neither_pin_nor_keys_are_stored(vault: Vault, storage: MemoryStorage) -> None:
    keys = vault.create(PIN)
    written = b"".join(storage.files.values())

    for secret in (PIN.encode(), DEVICE, keys.mirror, keys.outbox):
        assert secret not in written
        assert secret.hex().encode() not in written


def test_keys_are_not_shown(vault: Vault) -> None:
    assert repr(vault.create(PIN)) == "Keys()"


def test_another_device_cannot_open_it(storage: MemoryStorage, vault: Vault) -> None:
    vault.create(PIN)
    elsewhere = Vault(storage, bytes(32), cost=CHEAP)

    assert refused(elsewhere, PIN, 0).kind == "wrong"


def test_a_short_device_secret_is_refused(storage: MemoryStorage) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(storage, b"short", cost=CHEAP)


def test_cost_is_the_vaults_own(storage: MemoryStorage, vault: Vault) -> None:
    keys = vault.create(PIN)

    assert Vault(storage, DEVICE, cost=Cost(16, 2)).unlock(PIN, 0) == keys


def test_a_vault_is_not_made_twice(vault: Vault) -> None:
    keys = vault.create(PIN)

    with pytest.raises(ValueError, match="already"):
        vault.create(OTHER)

    assert vault.unlock(PIN, 0) == keys


@pytest.mark.parametrize("name", ["mirror", "outbox"])
def test_a_changed_wrap_is_noticed(vault: Vault, storage: MemoryStorage, name: str) -> None:
    vault.create(PIN)
    stored = json.loads(storage.files[VAULT])
    flipped = int(stored["wraps"][name][:2], 16) ^ 1
    stored["wraps"][name] = f"{flipped:02x}" + stored["wraps"][name][2:]
    storage.files[VAULT] = json.dumps(stored).encode()

    assert refused(vault, PIN, 0).kind == "wrong"


def test_exchanged_wraps_are_noticed(vault: Vault, storage: MemoryStorage) -> None:
    vault.create(PIN)
    stored = json.loads(storage.files[VAULT])
    wraps = stored["wraps"]
    wraps["mirror"], wraps["outbox"] = wraps["outbox"], wraps["mirror"]
    storage.files[VAULT] = json.dumps(stored).encode()

    assert refused(vault, PIN, 0).kind == "wrong"


def test_wrong_pins_wait_longer_each_time(vault: Vault) -> None:
    vault.create(PIN)
    now, waits = 0.0, []
    for _ in range(4):
        answer = refused(vault, OTHER, now)
        waits.append(answer.wait_s)
        now += answer.wait_s

    assert waits == sorted(waits)
    assert waits[-1] >= 30


def test_too_early_a_try_is_not_counted(vault: Vault) -> None:
    keys = vault.create(PIN)
    for _ in range(2):
        refused(vault, OTHER, 100)
    early = refused(vault, PIN, 101)

    assert (early.kind, early.remaining, early.wait_s) == ("wait", 3, 4)
    assert vault.unlock(PIN, 105) == keys


def test_a_clock_set_back_neither_shortens_nor_prolongs_the_wait(vault: Vault) -> None:
    keys = vault.create(PIN)
    for _ in range(2):
        refused(vault, OTHER, 1_000_000)

    assert refused(vault, PIN, 10).wait_s == 5
    assert refused(vault, PIN, 14).wait_s == 1
    assert vault.unlock(PIN, 15) == keys


def test_the_right_pin_clears_the_count(vault: Vault, hours: Iterator[float]) -> None:
    keys = vault.create(PIN)
    guess_wrong(vault, 4, hours)
    vault.unlock(PIN, next(hours))
    guess_wrong(vault, 4, hours)

    assert vault.unlock(PIN, next(hours)) == keys


def test_five_wrong_pins_need_an_online_sign_in(vault: Vault, hours: Iterator[float]) -> None:
    keys = vault.create(PIN)
    fifth = guess_wrong(vault, 5, hours)

    assert fifth.kind == "sign_in"
    assert refused(vault, PIN, next(hours)).kind == "sign_in"
    vault.allow_more_tries()
    assert vault.unlock(PIN, next(hours)) == keys


def test_ten_wrong_pins_erase_the_mirror_key_and_keep_the_outbox_wrap(
    vault: Vault, storage: MemoryStorage, hours: Iterator[float]
) -> None:
    vault.create(PIN)
    outbox = json.loads(storage.files[VAULT])["wraps"]["outbox"]
    guess_wrong(vault, 5, hours)
    vault.allow_more_tries()

    assert guess_wrong(vault, 5, hours).kind == "erased"

    assert json.loads(storage.files[VAULT])["wraps"] == {"outbox": outbox}
    assert refused(vault, PIN, next(hours)).kind == "erased"


def test_signing_in_again_gives_the_outbox_back_with_a_new_mirror(
    vault: Vault, hours: Iterator[float]
) -> None:
    made = vault.create(PIN)
    guess_wrong(vault, 5, hours)
    vault.allow_more_tries()
    guess_wrong(vault, 5, hours)
    vault.allow_more_tries()

    assert vault.mirror_is_lost
    keys = vault.unlock(PIN, next(hours))

    assert keys.outbox == made.outbox
    assert keys.mirror != made.mirror
    assert not vault.mirror_is_lost
    assert vault.unlock(PIN, next(hours)) == keys


def test_each_sign_in_allows_five_tries_for_the_outbox(
    vault: Vault, hours: Iterator[float]
) -> None:
    vault.create(PIN)
    guess_wrong(vault, 5, hours)
    vault.allow_more_tries()
    guess_wrong(vault, 5, hours)
    vault.allow_more_tries()

    assert guess_wrong(vault, 4, hours).kind == "wrong"
    assert guess_wrong(vault, 1, hours).kind == "erased"
    assert vault.needs_sign_in
    assert refused(vault, PIN, next(hours)).kind == "erased"


def test_the_attempt_is_counted_before_the_pin_is_checked(
    vault: Vault, storage: MemoryStorage, hours: Iterator[float]
) -> None:
    vault.create(PIN)
    for attempt in range(1, 6):
        storage.crash_after = len(storage.writes) + 1
        with pytest.raises(Crash):
            vault.unlock(OTHER, next(hours))

        assert json.loads(storage.files[ATTEMPTS])["wrong"] == attempt

    assert refused(vault, PIN, next(hours)).kind == "sign_in"


def test_a_crash_at_the_tenth_try_erases_at_the_next_start(
    vault: Vault, storage: MemoryStorage, hours: Iterator[float]
) -> None:
    vault.create(PIN)
    guess_wrong(vault, 5, hours)
    vault.allow_more_tries()
    guess_wrong(vault, 4, hours)
    storage.crash_after = len(storage.writes) + 1
    with pytest.raises(Crash):
        vault.unlock(OTHER, next(hours))

    assert refused(vault, PIN, next(hours)).kind == "erased"
    assert "mirror" not in json.loads(storage.files[VAULT])["wraps"]


def test_a_lost_count_does_not_open_the_vault(vault: Vault, storage: MemoryStorage) -> None:
    vault.create(PIN)
    del storage.files[ATTEMPTS]

    with pytest.raises(VaultDamaged):
        vault.unlock(PIN, 0)


def test_changing_the_pin_keeps_the_keys_and_renews_the_salt(
    vault: Vault, storage: MemoryStorage
) -> None:
    keys = vault.create(PIN)
    salt = json.loads(storage.files[VAULT])["salt"]
    vault.change_pin(PIN, OTHER, 0)

    assert vault.unlock(OTHER, 0) == keys
    assert refused(vault, PIN, 0).kind == "wrong"
    assert json.loads(storage.files[VAULT])["salt"] != salt


def test_changing_the_pin_needs_the_old_one(vault: Vault) -> None:
    keys = vault.create(PIN)
    with pytest.raises(PinRefused):
        vault.change_pin(OTHER, "918273", 0)

    assert vault.unlock(PIN, 0) == keys


def test_a_crash_while_changing_leaves_one_of_the_two_pins(
    vault: Vault, storage: MemoryStorage
) -> None:
    for write in (1, 2, 3):
        storage.files.clear()
        keys = vault.create(PIN)
        storage.crash_after = len(storage.writes) + write
        with pytest.raises(Crash):
            vault.change_pin(PIN, OTHER, 0)

        assert opened_by(vault) == [(PIN if write < 3 else OTHER, keys)]


def opened_by(vault: Vault) -> list[tuple[str, Keys]]:
    return [(pin, keys) for pin in (PIN, OTHER) if (keys := unlocked(vault, pin)) is not None]


def unlocked(vault: Vault, pin: str) -> Keys | None:
    try:
        return vault.unlock(pin, 0)
    except PinRefused:
        return None


@pytest.mark.parametrize(
    "pin",
    ["000000", "123456", "654321", "890123", "121212", "123123", "112233", "664466", "147258"],
)
def test_an_easily_guessed_pin_is_refused(vault: Vault, pin: str) -> None:
    with pytest.raises(WeakPin):
        vault.create(pin)

    assert not vault.exists


@pytest.mark.parametrize(
    "pin", ["", "40281", "4028170", "40281a", "４０２８１７", " 40281", "40281\n"]
)
def test_a_pin_is_six_digits(pin: str) -> None:
    with pytest.raises(WeakPin, match="6 digits"):
        check_pin(pin)


def test_most_pins_are_accepted() -> None:
    def accepted(pin: str) -> bool:
        try:
            check_pin(pin)
        except WeakPin:
            return False
        return True

    assert sum(accepted(f"{number:06d}") for number in range(0, 1_000_000, 7)) > 139_000


def test_argon2id_gives_the_same_as_ever() -> None:
    derived = argon2id(b"402817", b"saltsaltsaltsalt", Cost(memory_kib=64, passes=3))

    assert derived.hex() == "64a0e4726934be25ced738acada796cae74e810f5f56821be8e2d31d59d08cae"
