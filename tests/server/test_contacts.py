"""Calls and service events from files: whose they are, what they leave to do, and never twice."""

from datetime import date, datetime
from typing import Any, Final

import pytest

from shared.domain.interaction import contact_id
from shared.registry import Document
from shared.testing.around import a_collaborator
from shared.testing.builders import NOW, a_caller, an_employee, delete, insert, transition, txn
from sync_server.adapters.report import Report
from sync_server.customer.follow_ups import call_back_day
from sync_server.store.database import Database
from tests.server.account_bank import PHONE, AccountBank, account, an_id_card
from tests.server.importing import states, told

CALLS: Final = (
    "source,call_id,at,direction,result,seconds,summary,callback,outcome,agent,case,severity,score,"
    "account_source,account,id_kind,id_number,phone,customer"
)
EVENTS: Final = (
    "source,event_id,at,channel,what,agent,case,severity,score,"
    "account_source,account,id_kind,id_number,phone,customer"
)


@pytest.fixture
def bank(database: Database) -> AccountBank:
    """Where 单晓敏 has a telephone, an identity card and an account."""
    bank = AccountBank(database)
    bank.accounts(account("6001", **bank.hers))
    return bank


def call(number: str = "1", /, **said: Any) -> str:
    """A call that was answered yesterday morning; whose is not said."""
    known = {
        "source": "cc",
        "call_id": number,
        "at": "2026-11-17 09:30",
        "direction": "inbound",
        "result": "answered",
    } | said
    return ",".join(str(known.get(name, "")) for name in CALLS.split(","))


def event(number: str = "1", /, **said: Any) -> str:
    """Something done at the counter yesterday."""
    known = {
        "source": "teller",
        "event_id": number,
        "at": "2026-11-17 10:05",
        "channel": "counter",
        "what": "挂失补卡",
    } | said
    return ",".join(str(known.get(name, "")) for name in EVENTS.split(","))


def calls(bank: AccountBank, *rows: str) -> Report:
    return bank.takes("calls", "\n".join([CALLS, *rows, ""]))


def events(bank: AccountBank, *rows: str) -> Report:
    return bank.takes("service_events", "\n".join([EVENTS, *rows, ""]))


def all_of(bank: AccountBank, entity: str) -> list[Document]:
    return [row.document for row in bank.store.rows(entity).values()]


def the_contact(bank: AccountBank) -> Document:
    [contact] = all_of(bank, "interaction")
    return contact


# What a row becomes


def test_a_call_is_a_contact_of_its_customer_with_who_had_it_and_how_long(
    bank: AccountBank,
) -> None:
    row = call(phone=PHONE, seconds="125", summary="问大额存单利率", agent="坐席 12")

    assert states(calls(bank, row)) == {"applied": 1}

    contact = the_contact(bank)
    assert contact["id"] == contact_id("call", "cc", "1")
    assert contact["customer_id"] == bank.customer["id"]
    assert (contact["channel"], contact["direction"]) == ("call_centre", "inbound")
    assert (contact["purpose"], contact["outcome"]) == ("service", "done")
    assert (contact["source"], contact["agent"], contact["employee_id"]) == ("cc", "坐席 12", "")
    assert contact["note"] == "问大额存单利率"
    assert contact["ended_at"] - contact["started_at"] == 125_000  # type: ignore[operator]
    assert contact["received_at"] == NOW
    assert all_of(bank, "task") == all_of(bank, "service_case") == []


def test_an_agent_whose_number_is_known_is_the_employee(bank: AccountBank) -> None:
    calls(bank, call(phone=PHONE, agent="AM001"))

    assert the_contact(bank)["employee_id"] == bank.lin["id"]


@pytest.mark.parametrize("at", ["1970-01-01", "1970-01-01 00:00", "1904-01-01 09:30:00+08:00"])
def test_a_moment_of_before_any_clock_spoils_its_own_row_and_no_other(
    bank: AccountBank, at: str
) -> None:
    report = calls(bank, call("1", at=at, phone=PHONE), call("2", phone=PHONE))

    assert (states(report), told(report)) == ({"applied": 1, "refused": 1}, [(2, "row_value")])
    assert the_contact(bank)["id"] == contact_id("call", "cc", "2")


@pytest.mark.parametrize("channel", ["counter", "online", "self_service", "mail", "sms"])
def test_an_event_is_a_contact_through_its_channel(bank: AccountBank, channel: str) -> None:
    assert states(events(bank, event(channel=channel, **bank.hers))) == {"applied": 1}

    contact = the_contact(bank)
    assert (contact["channel"], contact["note"], contact["direction"]) == (
        channel,
        "挂失补卡",
        None,
    )


def test_words_may_be_chinese_and_the_file_gb18030(bank: AccountBank) -> None:
    header = "来源系统,通话编号,时间,呼叫方向,接听结果,电话,摘要,要求回电"
    row = f"客服系统,8,2026-11-17 09:30,呼入,已接听,{PHONE},咨询挂失,是"

    report = bank.takes("calls", f"{header}\n{row}\n", "gb18030")

    assert states(report) == {"applied": 1}
    assert the_contact(bank)["outcome"] == "follow_up"


def test_a_system_may_number_calls_and_events_alike(bank: AccountBank) -> None:
    calls(bank, call("7", phone=PHONE, source="crm"))
    events(bank, event("7", source="crm", **bank.hers))

    assert len(all_of(bank, "interaction")) == 2


def test_the_owners_device_is_told(bank: AccountBank) -> None:
    _, pokes = bank.takes_and_pokes("calls", f"{CALLS}\n{call(phone=PHONE)}\n")

    assert [poke.scopes for poke in pokes] == [frozenset({f"portfolio:{bank.lin['id']}"})]


# Never twice


def test_the_same_file_again_changes_nothing(bank: AccountBank) -> None:
    row = call(phone=PHONE, result="missed", case="complaint", score="2")
    calls(bank, row)
    before = bank.store.head()

    assert states(calls(bank, row, row)) == {"known": 2}
    assert bank.store.head() == before


def test_what_a_system_corrects_is_corrected_in_place(bank: AccountBank) -> None:
    calls(bank, call(phone=PHONE))

    assert states(calls(bank, call(phone=PHONE, summary="问利率"))) == {"changed": 1}
    assert the_contact(bank)["note"] == "问利率"


def test_a_row_that_stands_twice_counts_as_it_stands_last(bank: AccountBank) -> None:
    report = calls(bank, call(phone=PHONE, summary="一"), call(phone=PHONE, summary="二"))

    assert states(report) == {"applied": 1, "changed": 1}
    assert the_contact(bank)["note"] == "二"


def test_a_contact_never_moves_to_another_customer(bank: AccountBank) -> None:
    calls(bank, call(phone=PHONE))
    bank.customer_named("江北望", "15400009999")

    assert told(calls(bank, call(phone="15400009999"))) == [(2, "row_other_customer")]
    assert the_contact(bank)["customer_id"] == bank.customer["id"]


# Whose it is


@pytest.mark.parametrize("by", ["account", "number", "phone_and_name", "phone"])
def test_a_call_is_hers_by_any_of_these(bank: AccountBank, by: str) -> None:
    said: dict[str, Any] = {
        "account": {"account_source": "core", "account": "60 01"},
        "number": bank.hers,
        "phone_and_name": {"phone": "154-0000-1234", "customer": "单晓敏"},
        "phone": {"phone": f"+86 {PHONE}"},
    }[by]

    assert states(calls(bank, call(**said))) == {"applied": 1}
    assert the_contact(bank)["customer_id"] == bank.customer["id"]


def test_a_telephone_that_two_have_is_refused_by_line_until_a_name_is_given(
    bank: AccountBank,
) -> None:
    husband = bank.customer_named("江北望", PHONE)

    assert told(calls(bank, call("1", phone=PHONE))) == [(2, "row_phone_shared")]
    assert states(calls(bank, call("1", phone=PHONE, customer="江北望"))) == {"applied": 1}
    assert the_contact(bank)["customer_id"] == husband


def test_an_event_is_not_told_by_a_telephone_alone(bank: AccountBank) -> None:
    assert told(events(bank, event(phone=PHONE))) == [(2, "row_no_customer")]
    assert states(events(bank, event(phone=PHONE, customer="单晓敏"))) == {"applied": 1}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "row_no_customer"),
        ({"phone": "15499999999"}, "row_no_customer"),
        ({"phone": PHONE, "customer": "江北望"}, "row_no_customer"),
        ({"account_source": "core", "account": "6404"}, "row_no_customer"),
        ({"account": "6001"}, "row_lacks"),
        ({"phone": PHONE, "at": "2026-11-19 09:00"}, "row_future"),
        ({"phone": PHONE, "direction": "sideways"}, "row_value"),
        ({"phone": PHONE, "result": ""}, "row_lacks"),
        ({"phone": PHONE, "seconds": "two"}, "row_value"),
        ({"phone": PHONE, "score": "6"}, "row_value"),
        ({"phone": PHONE, "case": "praise"}, "row_value"),
        ({"phone": PHONE, "call_id": ""}, "row_lacks"),
    ],
)
def test_a_bad_row_is_told_by_its_line_and_the_others_go_in(
    bank: AccountBank, said: dict[str, str], code: str
) -> None:
    good = [call("8", phone=PHONE), call("9", phone=PHONE)]

    assert told(calls(bank, good[0], call(**said), good[1])) == [(3, code)]
    assert len(all_of(bank, "interaction")) == 2


def test_an_account_and_a_number_of_two_people_are_refused(bank: AccountBank) -> None:
    other, number = bank.customer_named("江北望"), an_id_card(3)
    bank.identify(other, number)
    said = {"account_source": "core", "account": "6001", "id_kind": "id_card", "id_number": number}

    assert told(calls(bank, call(**said))) == [(2, "row_other_customer")]


# What is left to do


@pytest.mark.parametrize(
    "said", [{"result": "missed"}, {"result": "abandoned"}, {"callback": "yes"}, {"callback": "是"}]
)
def test_who_was_not_answered_is_called_back(bank: AccountBank, said: dict[str, str]) -> None:
    said = {name: "true" if value == "yes" else value for name, value in said.items()}
    calls(bank, call(phone=PHONE, **said))

    [task] = all_of(bank, "task")
    assert (task["title"], task["kind"], task["status"]) == ("回电", "call", "open")
    assert (task["due"], task["interaction_id"]) == ("2026-11-18", the_contact(bank)["id"])
    assert "11月17日" in str(task["reason"])


def test_a_call_that_the_bank_made_leaves_a_task_only_where_it_says_so(bank: AccountBank) -> None:
    for number, said in enumerate(
        [{"result": "missed"}, {"outcome": "interested"}, {"outcome": "declined"}, {}]
    ):
        calls(bank, call(str(number), phone=PHONE, direction="outbound", **said))
    assert all_of(bank, "task") == []

    calls(
        bank, call("9", phone=PHONE, direction="outbound", outcome="follow_up", summary="想看房贷")
    )

    [task] = all_of(bank, "task")
    assert (task["title"], task["reason"]) == ("外呼跟进", "11月17日客服外呼：想看房贷")


def test_a_task_that_somebody_did_or_deleted_does_not_come_again(bank: AccountBank) -> None:
    calls(bank, *(call(each, phone=PHONE, result="missed") for each in "12"))
    done, gone = [str(task["id"]) for task in all_of(bank, "task")]
    lin = a_caller(str(bank.lin["id"]))
    bank.store.push(lin, [txn(transition("task", done, "status", "open", "done"))])
    bank.store.push(lin, [txn(delete("task", gone))])

    calls(bank, *(call(each, phone=PHONE, result="missed", summary="又说") for each in "12"))

    assert [(task["id"], task["status"]) for task in all_of(bank, "task")] == [(done, "done")]


def test_last_months_calls_are_history(bank: AccountBank) -> None:
    old = {"at": "2026-11-10 09:00", "result": "missed", "case": "complaint", "score": "1"}

    calls(bank, call(phone=PHONE, **old))

    assert len(all_of(bank, "interaction")) == 1
    assert bank.alerts() == []
    assert all_of(bank, "task") == all_of(bank, "service_case") == []


def _at(text: str) -> int:
    return round(datetime.fromisoformat(f"{text}:00+08:00").timestamp() * 1_000)


@pytest.mark.parametrize(
    ("called", "now", "day"),
    [
        ("2026-11-18T09:00", "2026-11-18T09:05", date(2026, 11, 18)),
        ("2026-11-18T15:59", "2026-11-18T16:30", date(2026, 11, 18)),
        ("2026-11-18T16:00", "2026-11-18T16:30", date(2026, 11, 19)),
        ("2026-11-20T16:30", "2026-11-20T17:00", date(2026, 11, 23)),
        ("2026-11-21T10:00", "2026-11-21T10:05", date(2026, 11, 23)),
        ("2026-11-16T10:00", "2026-11-18T08:00", date(2026, 11, 18)),
        ("2026-11-20T10:00", "2026-11-21T08:00", date(2026, 11, 23)),
    ],
)
def test_a_call_is_answered_on_its_day_or_the_next_working_day(
    called: str, now: str, day: date
) -> None:
    assert call_back_day(_at(called), _at(now)) == day


# Cases and scores


def test_a_complaint_opens_a_case_for_the_owner(bank: AccountBank) -> None:
    calls(bank, call(phone=PHONE, case="complaint", summary="短信费重复扣收"))

    [case], contact = all_of(bank, "service_case"), the_contact(bank)
    assert (case["kind"], case["severity"], case["status"]) == ("complaint", "high", "open")
    assert (case["subject"], case["source"], case["opened_by"]) == ("短信费重复扣收", "cc", "")
    assert (case["interaction_id"], case["assignee_id"]) == (contact["id"], bank.lin["id"])
    assert case["due_at"] == int(str(contact["occurred_at"])) + 24 * 3_600_000
    assert contact["purpose"] == "complaint"


def test_a_case_that_somebody_works_on_stays_as_it_is(bank: AccountBank) -> None:
    calls(bank, call(phone=PHONE, case="complaint", summary="一"))
    [case] = all_of(bank, "service_case")
    lin = str(bank.lin["id"])
    said = {"employee_id": lin, "stepped_at": NOW, "due_at": case["due_at"]}
    step = transition("service_case", str(case["id"]), "status", "open", "working", **said)
    [verdict] = bank.store.push(a_caller(lin), [txn(step)])
    assert verdict["status"] == "applied"

    calls(bank, call(phone=PHONE, case="complaint", summary="二"))

    assert [each["status"] for each in all_of(bank, "service_case")] == ["working"]


def test_an_event_opens_a_case_of_the_kind_and_severity_that_it_says(bank: AccountBank) -> None:
    events(bank, event(case="挂失", severity="一般", **bank.hers))

    [case] = all_of(bank, "service_case")
    assert (case["kind"], case["severity"], case["channel"]) == ("loss_report", "normal", "counter")
    assert case["due_at"] - case["opened_at"] == 4 * 3_600_000  # type: ignore[operator]


def test_a_low_score_of_a_call_alarms_as_one_of_a_visit_does(bank: AccountBank) -> None:
    calls(bank, call(phone=PHONE, score="2"))

    [alert] = bank.alerts("satisfaction")
    assert (alert["evidence"], alert["severity"]) == (the_contact(bank)["id"], "high")


def test_the_alert_of_a_call_follows_its_score_as_the_system_corrects_it(
    bank: AccountBank,
) -> None:
    said = []
    for score in ("3", "5", "1", ""):
        calls(bank, call(phone=PHONE, score=score))
        [alert] = bank.alerts("satisfaction")
        said.append((alert["status"], alert["severity"]))

    assert said == [
        ("open", "normal"),
        ("withdrawn", "normal"),
        ("open", "high"),
        ("withdrawn", "high"),
    ]


# Who works with the customer


def test_a_collaborator_sees_at_once_what_a_call_has_left_to_do(bank: AccountBank) -> None:
    zhou = an_employee(str(bank.lin["org_unit_id"]), employee_no="AM002")
    hers = str(bank.customer["id"])
    bank.store.bring("employee", zhou)
    lins = a_caller(str(bank.lin["id"]))
    named = a_collaborator(hers, str(zhou["id"]), str(bank.lin["id"]))
    bank.store.push(lins, [txn(insert("collaborator", named))])

    calls(bank, call(result="missed", account_source="core", account="6001"))

    [held] = (row.document for row in bank.store.rows("collaboration").values())
    assert (held["last_channel"], bool(held["next_step"])) == ("call_centre", True)
