"""Accounts from files: found whose they are, refused by line where that cannot be told."""

import json

import pytest

from shared.commission.months import Period
from shared.domain.alert import due_at
from shared.domain.days import first_moment
from shared.registry import Document
from shared.testing.builders import NOW
from sync_server.adapters.kinds import LARGE_CHUNK
from sync_server.store.database import Database
from sync_server.store.maturing import look_at_maturities
from sync_server.store.unit_of_work import CHUNK
from tests.server.account_bank import (
    ACCOUNTS,
    PHONE,
    AccountBank,
    a_uscc,
    account,
    an_id_card,
)
from tests.server.importing import states, told

DAY_MS = 24 * 3_600_000


@pytest.fixture
def bank(database: Database) -> AccountBank:
    return AccountBank(database)


# What a row leaves out


def test_what_a_row_leaves_out_is_as_it_was(bank: AccountBank) -> None:
    said = {"rate": "1.55", "opened_on": "2025-01-15", "matures_on": "2028-01-15"}
    bank.accounts(account(**said, **bank.hers))

    report = bank.accounts(account(balance="900.00", as_of="2026-11-18"))

    assert states(report) == {"changed": 1}
    row = bank.account_now()
    assert (row["balance"], row["rate"]) == (90_000, "0.0155")
    assert (row["opened_on"], row["matures_on"]) == ("2025-01-15", "2028-01-15")


def test_a_balance_of_an_account_that_was_closed_is_for_a_person_to_look_at(
    bank: AccountBank,
) -> None:
    bank.accounts(account(balance="0.00", closed_on="2026-11-16", as_of="2026-11-16", **bank.hers))

    later = bank.accounts(account(balance="7.00", as_of="2026-11-18"))
    nothing = bank.accounts(account(balance="0.00", as_of="2026-11-18"))
    earlier = bank.accounts(account(balance="7.00", as_of="2026-11-15"))

    assert told(later) == [(2, "row_account_closed")]
    assert (states(nothing), states(earlier)) == ({"changed": 1}, {"known": 1})
    assert bank.account_now()["closed_on"] == "2026-11-16"


@pytest.mark.parametrize("column", ["opened_on", "closed_on"])
def test_no_account_is_opened_or_closed_on_a_day_to_come(bank: AccountBank, column: str) -> None:
    bank.accounts(account(balance="500.00", as_of="2026-11-16", **bank.hers))

    early = bank.accounts(account(balance="500.00", **{column: "2026-11-19"}))

    assert told(early) == [(2, "row_future")]
    assert bank.account_now()[column] is None
    assert bank.customer_now()["deposit_balance"] == 500_00


@pytest.mark.parametrize("word", ["open", "未销户"])
def test_an_account_that_was_closed_by_mistake_is_opened_again_by_a_word(
    bank: AccountBank, word: str
) -> None:
    bank.accounts(account(balance="0.00", closed_on="2026-11-16", as_of="2026-11-16", **bank.hers))

    again = bank.accounts(account(balance="7.00", closed_on=word, as_of="2026-11-17"))

    assert states(again) == {"changed": 1}
    assert bank.account_now()["closed_on"] is None
    assert bank.customer_now()["deposit_balance"] == 7_00


# Whose it is


def test_an_account_is_hers_whose_identity_card_it_names(bank: AccountBank) -> None:
    report = bank.accounts(account(rate="1.55", matures_on="2028-01-05", **bank.hers))

    assert states(report) == {"applied": 1}
    row = bank.account_now()
    assert row["customer_id"] == bank.customer["id"]
    assert (row["balance"], row["rate"], row["last_four"]) == (100_000, "0.0155", "6001")
    assert row["as_of"] == first_moment(Period("2026-11")) + 16 * DAY_MS


def test_a_number_may_be_typed_in_full_width_with_spaces(bank: AccountBank) -> None:
    card = bank.id_card
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in card[:6]) + f" {card[6:14]} {card[14:]}"

    report = bank.accounts(account("６００１ 00", id_kind="身份证", id_number=wide))

    assert states(report) == {"applied": 1}
    assert bank.account_now("600100")["customer_id"] == bank.customer["id"]


def test_a_company_is_known_by_its_credit_code(bank: AccountBank) -> None:
    company = bank.customer_named("山河贸易有限公司")
    bank.identify(company, a_uscc(), "uscc")

    report = bank.accounts(account(id_kind="uscc", id_number=a_uscc().lower()))

    assert states(report) == {"applied": 1}
    assert bank.account_now()["customer_id"] == company


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("id_card", an_id_card()[:-1] + "0"),
        ("id_card", an_id_card()[:-2]),
        ("uscc", a_uscc()[:-1] + "3"),
        ("uscc", an_id_card(4)),
    ],
)
def test_a_number_with_a_wrong_check_digit_is_refused(
    bank: AccountBank, kind: str, number: str
) -> None:
    report = bank.accounts(account(id_kind=kind, id_number=number, phone=PHONE, customer="单晓敏"))

    assert told(report) == [(2, "row_check_digit")]
    assert number not in json.dumps(report.as_json())


@pytest.mark.parametrize("phone", [PHONE, "154 0000 1234", "+86 154-0000-1234", "008615400001234"])
def test_a_telephone_and_a_name_together_find_her(bank: AccountBank, phone: str) -> None:
    assert states(bank.accounts(account(phone=phone, customer=" 单 晓敏"))) == {"applied": 1}


@pytest.mark.parametrize("typed", ["154 0000 1234", "154-0000-1234", "+86 15400001234"])
def test_she_is_found_however_her_manager_typed_her_telephone(
    bank: AccountBank, typed: str
) -> None:
    bank.store.bring("customer", bank.customer | {"phone": typed})

    assert states(bank.accounts(account(phone=PHONE, customer="单晓敏"))) == {"applied": 1}


@pytest.mark.parametrize(
    "whose",
    [
        {},
        {"phone": PHONE},
        {"customer": "单晓敏"},
        {"phone": PHONE, "customer": "单玉珍"},
        {"id_kind": "id_card", "id_number": an_id_card(4)},
        {"id_kind": "id_card", "id_number": an_id_card(4), "phone": PHONE, "customer": "单晓敏"},
    ],
    ids=["nothing", "telephone", "name", "another name", "another card", "her twin's card"],
)
def test_nobody_is_guessed(bank: AccountBank, whose: dict[str, str]) -> None:
    report = bank.accounts(account(**whose))

    assert told(report) == [(2, "row_no_customer")]
    assert bank.store.rows("account") == {}


def test_two_who_fit_are_said_to_be_two(bank: AccountBank) -> None:
    bank.customer_named("单晓敏", "154-0000-1234")

    report = bank.accounts(account(phone=PHONE, customer="单晓敏"))

    assert told(report) == [(2, "row_several_customers")]
    assert "2" in report.told[0].as_json()["en"]


def test_an_account_keeps_its_customer(bank: AccountBank) -> None:
    bank.accounts(account(**bank.hers))

    later = bank.accounts(account(balance="900.00", as_of="2026-11-18"))
    moved = bank.accounts(account(as_of="2026-11-18", phone="15499990000", customer="单晓敏"))

    assert (states(later), states(moved)) == ({"changed": 1}, {"changed": 1})
    assert bank.account_now()["customer_id"] == bank.customer["id"]


def test_an_account_never_moves_by_itself(bank: AccountBank) -> None:
    other = bank.customer_named("周嘉禾", "15400005678")
    bank.identify(other, an_id_card(6))
    bank.accounts(account(**bank.hers))

    report = bank.accounts(
        account(balance="1.00", as_of="2026-11-18", id_kind="id_card", id_number=an_id_card(6)),
        account(balance="1.00", as_of="2026-11-18", id_kind="id_card", id_number=an_id_card(8)),
        account(balance="1.00", as_of="2026-11-18", phone="15400005678", customer="周嘉禾"),
    )

    assert told(report) == [(line, "row_other_customer") for line in (2, 3, 4)]
    row = bank.account_now()
    assert (row["customer_id"], row["balance"]) == (bank.customer["id"], 100_000)


def test_of_two_who_claim_one_account_in_a_file_the_first_has_it(bank: AccountBank) -> None:
    bank.identify(bank.customer_named("周嘉禾"), an_id_card(6))
    zhous = {"id_kind": "id_card", "id_number": an_id_card(6)}

    report = bank.accounts(account(**bank.hers), account(balance="1.00", **zhous))

    assert told(report) == [(3, "row_other_customer")]
    row = bank.account_now()
    assert (row["customer_id"], row["balance"]) == (bank.customer["id"], 100_000)


# What goes in


def test_a_chinese_file_in_gbk_says_the_same(bank: AccountBank) -> None:
    bank.accounts(account(kind="time_deposit", matures_on="2028-01-05", **bank.hers))
    header = "来源系统,账号,账户类型,产品名称,余额,数据时间,到期日,证件类型,证件号码,备注"
    row = f"core,6001,定期,活期存款,1000.00,2026-11-17,2028-01-05,身份证,{bank.id_card},无"

    report = bank.takes("accounts", f"{header}\n{row}\n", "gbk")

    assert states(report) == {"known": 1}


def test_json_lines_say_it_as_well(bank: AccountBank) -> None:
    row = dict(zip(ACCOUNTS.split(","), account(**bank.hers).split(","), strict=True))

    assert states(bank.takes("accounts", json.dumps(row))) == {"applied": 1}
    assert states(bank.accounts(account(**bank.hers))) == {"known": 1}


def test_the_same_file_again_changes_nothing(bank: AccountBank) -> None:
    rows = [account(f"60{place:02d}", **bank.hers) for place in range(20)]
    bank.accounts(*rows)
    before = bank.store.head()

    assert states(bank.accounts(*rows)) == {"known": 20}
    assert bank.store.head() == before


def test_rows_of_a_file_change_each_in_their_own_fields(bank: AccountBank) -> None:
    bank.accounts(account("7001", **bank.hers), account("7002", **bank.hers))

    report = bank.accounts(
        account("7001", balance="1.00"),
        account("7002", name="活期宝", closed_on="2026-11-17", rate="0.25"),
    )

    assert states(report) == {"changed": 2}
    one, other = bank.account_now("7001"), bank.account_now("7002")
    assert (one["balance"], one["name"], one["closed_on"]) == (100, "活期存款", None)
    assert (other["balance"], other["name"], other["rate"]) == (100_000, "活期宝", "0.0025")
    row = bank.store.rows("account")[str(other["id"])]
    assert (row.version, row.scope) == (2, f"portfolio:{bank.lin['id']}")


def test_an_older_balance_leaves_the_newer_one(bank: AccountBank) -> None:
    bank.accounts(account(balance="900.00", as_of="2026-11-17 18:00", **bank.hers))

    assert states(bank.accounts(account(as_of="2026-11-17 09:30"))) == {"known": 1}
    assert bank.account_now()["balance"] == 90_000


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"balance": "1,000.00"}, "row_cells"),
        ({"balance": "1000"}, "row_amount"),
        ({"balance": "-1.00"}, "row_amount"),
        ({"balance": ""}, "row_lacks"),
        ({"kind": "gold"}, "row_value"),
        ({"as_of": "2026-11-19"}, "row_future"),
        ({"as_of": "2026-11-18T23:59:59"}, "row_future"),
        ({"as_of": "18/11/2026"}, "row_value"),
        ({"as_of": "2026-11-31"}, "row_value"),
        ({"rate": "1.55%"}, "row_value"),
        ({"opened_on": "2026-02-01", "matures_on": "2026-01-31"}, "row_order"),
        ({"opened_on": "2026-02-01", "closed_on": "2026-01-31"}, "row_order"),
        ({"name": "长" * 201}, "row_value"),
        ({"number": "6" * 41}, "row_value"),
        ({"number": " - "}, "row_value"),
        ({"number": "6/6"}, "row_value"),
        ({"id_kind": "id_card"}, "row_lacks"),
        ({"id_number": "1"}, "row_lacks"),
    ],
)
def test_a_bad_row_is_told_by_its_line_and_the_others_go_in(
    bank: AccountBank, said: dict[str, str], code: str
) -> None:
    report = bank.accounts(
        account("7001", **bank.hers),
        account("7002", **{"phone": PHONE, "customer": "单晓敏", **said}),
        account("7003", **bank.hers),
    )

    assert told(report) == [(3, code)]
    assert states(report) == {"applied": 2, "refused": 1}


def test_a_repaired_row_is_sent_again_with_the_rest(bank: AccountBank) -> None:
    bank.accounts(account("7001", **bank.hers), account("7002", balance="1", **bank.hers))

    again = bank.accounts(account("7001", **bank.hers), account("7002", **bank.hers))

    assert states(again) == {"applied": 1, "known": 1}


# What follows


def test_her_deposits_are_the_sum_of_her_accounts_and_as_old_as_the_oldest(
    bank: AccountBank,
) -> None:
    bank.accounts(
        account("7001", balance="35000.00", as_of="2026-11-16", **bank.hers),
        account("7002", kind="time_deposit", balance="820000.00", **bank.hers),
        account("7003", kind="wealth", balance="50000.00", as_of="2026-11-01", **bank.hers),
        account("7004", balance="7.00", closed_on="2026-11-01", as_of="2026-11-01", **bank.hers),
    )

    now = bank.customer_now()
    oldest = first_moment(Period("2026-11")) + 15 * DAY_MS
    assert (now["deposit_balance"], now["as_of"]) == (85_500_000, oldest)

    bank.accounts(
        account(
            "7002", kind="time_deposit", balance="0.00", closed_on="2026-11-18", as_of="2026-11-18"
        )
    )

    assert bank.customer_now()["deposit_balance"] == 3_500_000


def test_what_turns_out_to_be_a_loan_is_no_deposit_any_more(bank: AccountBank) -> None:
    bank.accounts(account(balance="820000.00", **bank.hers))

    bank.accounts(account(balance="820000.00", kind="loan", as_of="2026-11-18", **bank.hers))

    assert bank.customer_now()["deposit_balance"] == 0


def test_a_loan_says_nothing_of_deposits(bank: AccountBank) -> None:
    bank.accounts(account(kind="loan", **bank.hers))

    assert bank.customer_now()["deposit_balance"] is None


def test_the_owner_is_poked(bank: AccountBank) -> None:
    _, pokes = bank.takes_and_pokes("accounts", f"{ACCOUNTS}\n{account(**bank.hers)}\n")

    assert [poke.scopes for poke in pokes] == [frozenset({f"portfolio:{bank.lin['id']}"})]


def test_each_chunk_is_a_transaction(bank: AccountBank) -> None:
    rows = [account(str(10_000 + place), **bank.hers) for place in range(LARGE_CHUNK + 1)]

    _, pokes = bank.takes_and_pokes("accounts", "\n".join([ACCOUNTS, *rows, ""]))

    assert len(pokes) == 2
    assert bank.customer_now()["deposit_balance"] == (LARGE_CHUNK + 1) * 100_000


# What matures


def test_money_that_matures_within_a_month_is_an_alert_once(bank: AccountBank) -> None:
    row = account(kind="time_deposit", matures_on="2026-12-18", balance="5000.00", **bank.hers)
    bank.accounts(row)
    bank.accounts(
        row,
        account(
            "6001",
            kind="time_deposit",
            matures_on="2026-12-18",
            balance="4000.00",
            as_of="2026-11-18",
        ),
    )
    look_at_maturities(bank.database, NOW)

    [alert] = bank.alerts()
    assert (alert["kind"], alert["severity"], alert["day"]) == ("maturity", "normal", "2026-12-18")
    assert (alert["amount"], alert["status"]) == (500_000, "open")
    assert alert["evidence"] == bank.account_now()["id"]


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "time_deposit", "matures_on": "2026-12-19"},
        {"kind": "time_deposit", "matures_on": "2026-11-17"},
        {"kind": "time_deposit", "matures_on": "2026-12-01", "closed_on": "2026-11-17"},
        {"kind": "loan", "matures_on": "2026-12-01"},
    ],
)
def test_nothing_is_said_of_what_is_far_over_closed_or_owed(
    bank: AccountBank, said: dict[str, str]
) -> None:
    bank.accounts(account(**bank.hers, **said))

    assert bank.alerts() == []


@pytest.mark.parametrize(
    "said", [{"matures_on": "2027-12-01"}, {"balance": "0.00", "closed_on": "2026-11-17"}]
)
def test_what_was_told_of_money_is_taken_back_when_it_is_not_free_that_day(
    bank: AccountBank, said: dict[str, str]
) -> None:
    bank.accounts(account(kind="fund", matures_on="2026-12-01", **bank.hers))

    bank.accounts(account(**{"kind": "fund", "as_of": "2026-11-18", **said}))

    assert [each["status"] for each in bank.alerts("maturity")] == ["withdrawn"]


def test_money_that_is_free_on_its_first_day_after_all_is_told_of_again(bank: AccountBank) -> None:
    bank.accounts(account(kind="fund", matures_on="2026-12-01", as_of="2026-11-15", **bank.hers))
    [first] = bank.alerts("maturity")
    bank.accounts(account(kind="fund", matures_on="2026-12-08", as_of="2026-11-16"))

    row = account(kind="fund", matures_on="2026-12-01", as_of="2026-11-17", balance="7.00")
    bank.accounts(row)

    states = {alert["day"]: alert["status"] for alert in bank.alerts("maturity")}
    assert states == {"2026-12-01": "open", "2026-12-08": "withdrawn"}
    [again] = [each for each in bank.alerts("maturity") if each["id"] == first["id"]]
    assert (again["amount"], again["due_at"]) == (700, due_at(NOW, "normal"))


def test_what_was_told_of_money_that_became_free_stays(bank: AccountBank) -> None:
    bank.accounts(account(kind="fund", matures_on="2026-11-18", **bank.hers))

    bank.accounts(account(kind="fund", balance="0.00", closed_on="2026-11-18", as_of="2026-11-18"))

    assert [each["status"] for each in bank.alerts("maturity")] == ["open"]


def test_the_day_brings_what_has_come_near(bank: AccountBank) -> None:
    rows = [
        account(str(10_000 + place), kind="fund", matures_on="2026-12-19", **bank.hers)
        for place in range(CHUNK + 1)
    ]
    bank.accounts(*rows)
    look_at_maturities(bank.database, NOW)
    assert bank.alerts() == []

    look_at_maturities(bank.database, NOW + DAY_MS)

    assert len(bank.alerts("maturity")) == CHUNK + 1


def test_a_day_is_looked_at_once(bank: AccountBank) -> None:
    look_at_maturities(bank.database, NOW)
    bank.store.bring("account", _silently(bank))

    look_at_maturities(bank.database, NOW)

    assert bank.alerts() == []


def _silently(bank: AccountBank) -> Document:
    """An account that came some other way than by an import."""
    bank.accounts(account(kind="fund", matures_on="2027-12-01", **bank.hers))
    return bank.account_now() | {"matures_on": "2026-12-01"}
