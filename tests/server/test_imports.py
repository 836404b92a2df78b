"""Files of the bank's other systems: what is wrong is told by its line, what is right goes in."""

import json
from io import BytesIO

import pytest

from shared.commission.months import Period
from shared.domain.days import first_moment
from shared.domain.goal import quality_id, target_id
from shared.errors import Refusal
from sync_server.adapters.kinds import KINDS, kind_named
from sync_server.adapters.lines import Spoilt, rows_of
from sync_server.adapters.load import Sender, load
from sync_server.adapters.report import MOST_TOLD, Report
from sync_server.adapters.text import LONGEST_LINE
from sync_server.store.database import Database
from sync_server.store.unit_of_work import CHUNK
from tests.server.importing import HEADER, JOINED, ImportingBranch, states, told

GBK_MARK = "\ufeff".encode("gb18030")


@pytest.fixture
def branch(database: Database) -> ImportingBranch:
    return ImportingBranch(database)


def refusal_of(kind: str, content: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        list(rows_of(BytesIO(content), kind_named(kind).columns))
    return refused.value.code


# What goes in


def test_a_confirmation_reaches_its_sale(branch: ImportingBranch) -> None:
    report = branch.confirmed("C-1,ACTIVATED,2026-11-18,,,1")

    assert states(report) == {"applied": 1}
    sale = branch.sale_now()
    assert (sale["status"], sale["activated_on"]) == ("confirmed", "2026-11-18")


def test_json_lines_say_the_same_as_csv(branch: ImportingBranch) -> None:
    row = {"external_ref": "C-1", "event": "ACTIVATED", "on": "2026-11-18", "qty": 1}

    assert states(branch.takes("confirmations", json.dumps(row))) == {"applied": 1}
    assert states(branch.confirmed("C-1,ACTIVATED,2026-11-18,,,1")) == {"known": 1}


def test_a_chinese_header_and_chinese_words_are_understood(branch: ImportingBranch) -> None:
    report = branch.takes(
        "confirmations", "业务编号,事件,日期,数量,币种,备注\nC-1,激活,2026-11-18,1,人民币,首张\n"
    )

    assert states(report) == {"applied": 1}
    assert branch.sale_now()["activated_on"] == "2026-11-18"


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8-sig", b""), ("gb18030", b""), ("gbk", b""), ("gb18030", GBK_MARK)],
    ids=["utf-8", "utf-8 with BOM", "gb18030", "gbk", "gb18030 with BOM"],
)
def test_a_file_is_read_in_its_own_encoding(encoding: str, mark: bytes) -> None:
    header = "产品代码,产品名称,产品线,办理方式,计量,单位,起售日"
    text = f"{header}\nCARD,金穗贷记卡,信用卡,可现场办理,数量,张,2026-01-01\n"

    [row] = rows_of(BytesIO(mark + text.encode(encoding)), kind_named("products").columns)

    assert not isinstance(row, Spoilt)
    assert (row.cells["code"], row.cells["name"]) == ("CARD", "金穗贷记卡")


def test_products_are_made_and_corrected_by_their_code(branch: ImportingBranch) -> None:
    head = "code,name,line,field_mode,measure,unit,valid_from,valid_until,risk_grade"
    first = f"{head}\nFUND-1,稳健基金,fund,on_site,amount,元,2026-01-01,,R2\n"
    later = f"{head}\nFUND-1,稳健基金,fund,on_site,amount,元,2026-01-01,2026-12-31,R3\n"

    assert states(branch.takes("products", first)) == {"applied": 1}
    assert states(branch.takes("products", first)) == {"known": 1}
    assert states(branch.takes("products", later)) == {"changed": 1}
    [fund] = [
        row.document
        for row in branch.store.rows("product").values()
        if row.document["code"] == "FUND-1"
    ]
    assert (fund["valid_until"], fund["risk_grade"]) == ("2026-12-31", "R3")


def test_targets_and_quality_are_the_employees_of_that_number(branch: ImportingBranch) -> None:
    code, lin = branch.card["code"], str(branch.lin["id"])
    targets = branch.takes(
        "targets", f"employee_no,product_code,period,value\nAM001,{code},2026-11,12\n"
    )
    quality = branch.takes("quality", "工号,月份,质量系数\nAM001,2026-11,0.95\n")

    assert (states(targets), states(quality)) == ({"applied": 1}, {"applied": 1})
    target = branch.store.rows("target")[target_id(lin, str(code), "2026-11")]
    assert (target.document["value"], target.scope) == ("12", f"portfolio:{lin}")
    weighed = branch.store.rows("quality")[quality_id(lin, "2026-11")]
    assert weighed.document["coefficient"] == "0.95"


def test_an_employee_joins_is_corrected_and_leaves(branch: ImportingBranch) -> None:
    unit = next(iter(branch.store.rows("org_unit").values())).document["name"]
    header = "employee_no,joined_on,left_on"
    joins = f"{header},name,role,org_unit\nPM001,2026-02-01,,傅清和,产品经理,{unit}\n"
    assert states(branch.takes("employees", joins)) == {"applied": 1}

    leaves = branch.takes("employees", f"{header}\nPM001,2026-02-01,2026-11-17\n")

    assert states(leaves) == {"changed": 1}
    [left] = [
        row.document
        for row in branch.store.rows("employee").values()
        if row.document["employee_no"] == "PM001"
    ]
    assert (left["name"], left["role"], left["left_on"]) == (
        "傅清和",
        "product_manager",
        "2026-11-17",
    )
    assert left["active"] is False or left["active"] == 0


# Never twice


def test_the_same_file_again_changes_nothing(branch: ImportingBranch) -> None:
    file = f"{HEADER}\nC-1,APPLIED,2026-11-17,,,1\nC-1,ACTIVATED,2026-11-18,,,1\n"
    branch.takes("confirmations", file)
    before = branch.store.head()

    again, pokes = branch.takes_and_pokes("confirmations", file)

    assert states(again) == {"known": 2}
    assert (branch.store.head(), pokes) == (before, [])


def test_a_row_that_stands_twice_in_a_file_counts_once(branch: ImportingBranch) -> None:
    row = "C-1,ACTIVATED,2026-11-18,,,1"

    assert states(branch.confirmed(row, row)) == {"applied": 1, "known": 1}
    targets = f"AM001,{branch.card['code']},2026-11,12\n"
    head = "employee_no,product_code,period,value\n"
    assert states(branch.takes("targets", head + targets * 2)) == {"applied": 1, "known": 1}


def test_a_corrected_row_takes_the_place_of_the_former(branch: ImportingBranch) -> None:
    branch.confirmed("C-1,ACTIVATED,2026-11-18,,,1")

    corrected = branch.confirmed("C-1,ACTIVATED,2026-11-17,,,1")

    assert states(corrected) == {"changed": 1}
    assert branch.sale_now()["activated_on"] == "2026-11-17"


def test_a_confirmation_that_comes_before_its_sale_waits_for_it(branch: ImportingBranch) -> None:
    early = branch.confirmed("C-2,ACTIVATED,2026-11-18,,,1")

    assert (states(early), told(early)) == ({"waiting": 1}, [(2, "waiting")])
    late = branch.sells("C-2")
    assert branch.sale_now(late)["activated_on"] == "2026-11-18"


# Before the seller joined


def test_a_waiting_event_of_before_the_seller_joined_does_not_count_and_is_told_of(
    branch: ImportingBranch,
) -> None:
    early, good = "C-2,APPLIED,2026-01-04,,,9", "C-2,ACTIVATED,2026-11-18,,,1"
    assert states(branch.confirmed(early, good)) == {"waiting": 2}

    late = branch.sells("C-2")

    sale = branch.sale_now(late)
    assert (sale["applied_on"], sale["activated_on"], sale["qty"]) == (None, "2026-11-18", 1)
    assert branch.not_counted() == [("C-2/APPLIED", "2026-01-04", JOINED)]
    assert told(branch.confirmed(early)) == [(2, "row_before_joining")]


def test_where_nothing_else_was_said_the_sale_stays_what_it_was(branch: ImportingBranch) -> None:
    branch.confirmed("C-2,ACTIVATED,2026-01-04,,,1", "C-2,CANCELLED,2026-01-03,,,")

    sale = branch.sale_now(branch.sells("C-2"))

    assert (sale["status"], sale["confirmed_at"]) == ("intent", None)
    assert len(branch.not_counted()) == 2


def test_an_early_event_counts_once_its_day_is_corrected(branch: ImportingBranch) -> None:
    branch.confirmed("C-2,ACTIVATED,2026-01-04,,,1")
    late = branch.sells("C-2")

    assert states(branch.confirmed("C-2,ACTIVATED,2026-11-17,,,1")) == {"changed": 1}

    assert branch.sale_now(late)["activated_on"] == "2026-11-17"
    assert branch.not_counted() == []


def test_an_early_event_counts_once_the_day_of_joining_is_corrected(
    branch: ImportingBranch,
) -> None:
    branch.confirmed("C-2,ACTIVATED,2026-01-04,,,1")
    late = branch.sells("C-2")

    branch.takes("employees", "employee_no,joined_on,left_on\nAM001,2026-01-04,\n")

    sale = branch.sale_now(late)
    assert (sale["status"], sale["activated_on"]) == ("confirmed", "2026-01-04")
    assert branch.not_counted() == []


def test_an_event_counts_for_all_claims_where_one_of_the_sellers_had_joined(
    branch: ImportingBranch,
) -> None:
    branch.confirmed("C-2,ACTIVATED,2026-01-04,,,1")
    younger = branch.sells("C-2")
    assert branch.sale_now(younger)["activated_on"] is None

    older = branch.sells("C-2", who=branch.joins("AM002", "2025-03-01"))

    for sale in (younger, older):
        now = branch.sale_now(sale)
        assert (now["status"], now["activated_on"]) == ("disputed", "2026-01-04")
    assert branch.not_counted() == []
    assert states(branch.confirmed("C-2,ACTIVATED,2026-01-04,,,1")) == {"known": 1}


def test_a_sale_of_before_its_seller_joined_is_refused_and_what_waits_for_it_waits_on(
    branch: ImportingBranch,
) -> None:
    branch.confirmed("C-2,ACTIVATED,2026-11-18,,,1")
    new_year = first_moment(Period("2026-01"))

    _, verdict = branch.tries("C-2", occurred_at=new_year)

    assert (verdict["status"], verdict["code"]) == ("rejected", "before_joining")
    assert branch.not_counted() == []
    assert branch.sale_now(branch.sells("C-2"))["activated_on"] == "2026-11-18"


# Bad input, each by its name


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("C-1,FUNDED,2026-11-18,100.005,,", "row_amount"),
        ("C-1,FUNDED,2026-11-18,100.5,,", "row_amount"),
        ("C-1,FUNDED,2026-11-18,100,,", "row_amount"),
        ("C-1,FUNDED,2026-11-18,-100.00,,", "row_amount"),
        ("C-1,FUNDED,2026-11-18,0.00,,", "row_amount"),
        ('C-1,FUNDED,2026-11-18,"1,000.00",,', "row_amount"),
        ("C-1,FUNDED,2026-11-18,1e5,,", "row_amount"),
        ("C-1,FUNDED,2026-11-18,１００.００,,", "row_amount"),
        ("C-1,FUNDED,2026-11-18,100.00,USD,", "row_currency"),
        ("C-1,FUNDED,2026-11-18,100.00,HKD,", "row_currency"),
        ("C-1,ACTIVATED,2026-11-19,,,1", "row_future"),
        ("C-1,ACTIVATED,2026-01-04,,,1", "row_before_joining"),
        ("C-1,ACTIVATED,2026/11/18,,,1", "row_value"),
        ("C-1,ACTIVATED,2026-02-30,,,1", "row_value"),
        ("C-1,ACTIVATED,18.11.2026,,,1", "row_value"),
        ("C-1,ACTIVATED,,,,1", "row_lacks"),
        ("C-1,SOLD,2026-11-18,,,1", "row_value"),
        ("C-1,,2026-11-18,,,1", "row_lacks"),
        (",ACTIVATED,2026-11-18,,,1", "row_lacks"),
        ("C-1,ACTIVATED,2026-11-18,,,0", "row_value"),
        ("C-1,ACTIVATED,2026-11-18,,,1.5", "row_value"),
        ("C-1,ACTIVATED,2026-11-18,,,20000", "row_value"),
        ("C-1,ACTIVATED,2026-11-18,,", "row_cells"),
        ("C-1,ACTIVATED,2026-11-18,,,1,1", "row_cells"),
        ('"C-1,ACTIVATED,2026-11-18,,,1', "row_unreadable"),
        (f"{'C' * 300},ACTIVATED,2026-11-18,,,1", "row_value"),
        (f"{'C' * LONGEST_LINE},ACTIVATED,2026-11-18,,,1", "row_unreadable"),
    ],
)
def test_a_bad_row_is_told_by_its_line_and_the_good_ones_go_in(
    branch: ImportingBranch, row: str, code: str
) -> None:
    report = branch.confirmed(row, "C-1,APPLIED,2026-11-16,,,1")

    assert told(report) == [(2, code)]
    assert states(report) == {"applied": 1, "refused": 1}
    sale = branch.sale_now()
    assert (sale["applied_on"], sale["activated_on"], sale["funded_on"]) == (
        "2026-11-16",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("[1, 2]", "row_unreadable"),
        ('{"external_ref": "C-1"', "row_unreadable"),
        ('"C-1"', "row_unreadable"),
        ('{"external_ref": "C-\\ud800", "event": "APPLIED"}', "row_unreadable"),
        ('{"external_ref": "C-\\u0000", "event": "APPLIED"}', "row_unreadable"),
        ("[" * 50_000, "row_unreadable"),
        ('{"external_ref": "C-1", "event": ["ACTIVATED"], "on": "2026-11-18"}', "row_value"),
        ('{"external_ref": {"a": 1}, "event": "ACTIVATED", "on": "2026-11-18"}', "row_value"),
        ('{"on": "2026-11-18", "on": "2026-11-17", "event": "ACTIVATED"}', "row_value"),
        ('{"external_ref": "C-1", "evnt": "ACTIVATED", "on": "2026-11-18"}', "row_column"),
        ('{"sale_id": "C-1", "event": "FUNDED", "on": "2026-11-18", "amount": NaN}', "row_amount"),
        ('{"sale_id": "C-1", "event": "FUNDED", "on": "2026-11-18", "amount": 1.5}', "row_amount"),
        ("{}", "row_lacks"),
    ],
)  # fmt: skip
def test_a_bad_object_is_told_by_its_line(branch: ImportingBranch, row: str, code: str) -> None:
    good = '{"external_ref": "C-1", "event": "APPLIED", "on": "2026-11-16", "amount": 100.00}'

    report = branch.takes("confirmations", f"{good}\n\n{row}\n")

    assert told(report) == [(3, code)]
    assert states(report) == {"applied": 1, "refused": 1}


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("targets", "AM999,{card},2026-11,12", "row_unknown"),
        ("targets", "AM001,GOLD,2026-11,12", "row_unknown"),
        ("targets", "AM001,{card},2026-13,12", "row_value"),
        ("targets", "AM001,{card},2026-11,-1", "row_value"),
        ("targets", "AM001,{card},2026-11,a dozen", "row_value"),
        ("quality", "AM001,2026-11,95%", "row_value"),
        ("quality", "AM009,2026-11,0.95", "row_unknown"),
        ("employees", "AM002,2026-02-01,,新人,,", "row_lacks"),
        ("employees", "AM002,2026-02-01,,新人,账户经理,", "row_value"),
        ("employees", "AM002,2026-02-01,,新人,客户经理,无此支行", "row_unknown"),
        ("employees", "AM001,2026-02-01,2026-01-31,,,", "row_order"),
        ("products", "fund 1,基金,fund,on_site,amount,元,2026-01-01,", "row_value"),
        ("products", "FUND-1,基金,stocks,on_site,amount,元,2026-01-01,", "row_value"),
        ("products", "FUND-1,基金,fund,on_site,amount,元,2026-01-01,2025-12-31", "row_order"),
    ],
)
def test_a_bad_row_of_any_kind_is_told(
    branch: ImportingBranch, kind: str, content: str, code: str
) -> None:
    header = {
        "targets": "employee_no,product_code,period,value",
        "quality": "employee_no,period,coefficient",
        "employees": "employee_no,joined_on,left_on,name,role,org_unit",
        "products": "code,name,line,field_mode,measure,unit,valid_from,valid_until",
    }[kind]
    before = branch.store.head()

    report = branch.takes(kind, f"{header}\n{content.format(card=branch.card['code'])}\n")

    assert told(report) == [(2, code)]
    assert branch.store.head() == before


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n \r\n\n", "file_empty"),
        (b"external_ref,event\n", "file_lacks_columns"),
        (b"external_ref,event,on,amout\n", "file_unknown_columns"),
        (b"external_ref,event,on,on\n", "file_unknown_columns"),
        (f"{HEADER}\n".encode("utf-16"), "file_encoding"),
        (f"{HEADER}\n".encode("utf-16-le"), "file_encoding"),
        (b"external_ref,event,on\n\xff\xfe\xff,APPLIED,2026-11-18\n", "file_encoding"),
        ("event,on,remark\nAPPLIED,2026-11-18,é\n".encode("latin-1"), "file_encoding"),
        (b"PK\x03\x04\x00\x00" + bytes(range(256)), "file_encoding"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_whole(content: bytes, code: str) -> None:
    assert refusal_of("confirmations", content) == code


@pytest.mark.parametrize("content", ["C-1,{},刘秀兰\n", '[{{"external_ref": "{}"}}]\n'])
def test_a_file_without_a_header_is_refused_and_nothing_of_it_repeated(content: str) -> None:
    number = "480102194907080025"
    with pytest.raises(Refusal) as refused:
        list(rows_of(BytesIO(content.format(number).encode()), kind_named("confirmations").columns))

    assert refused.value.code == "file_lacks_columns"
    assert number not in refused.value.sentence("zh") + refused.value.sentence("en")


def test_a_kind_that_nobody_knows_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Refusal) as refused:
        kind_named("households")

    assert refused.value.code == "unknown_import"
    assert all(kind in refused.value.sentence("en") for kind in KINDS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_is_a_sentence_about_the_row(branch: ImportingBranch, language: str) -> None:
    [outcome] = branch.confirmed("C-1,FUNDED,2026-11-18,100.005,,").told

    said = outcome.as_json()[language]
    assert "100.005" in said
    assert said.endswith(("。", "."))


def test_a_repaired_row_is_taken_when_the_file_comes_again(branch: ImportingBranch) -> None:
    good, bad = "C-1,APPLIED,2026-11-16,,,1", "C-1,FUNDED,2026-11-17,100.005,,"
    branch.confirmed(good, bad)

    repaired = branch.confirmed(good, "C-1,FUNDED,2026-11-17,100.01,,")

    assert states(repaired) == {"applied": 1, "known": 1}
    assert branch.sale_now()["funded_on"] == "2026-11-17"


# Large files


def test_a_large_file_goes_in_by_chunks_and_bad_rows_are_counted_past_those_told(
    branch: ImportingBranch,
) -> None:
    seen: list[int] = []
    rows = [f"{HEADER}\n", *["C-1,ACTIVATED,2026-11-18,1.234,,\n"] * (2 * CHUNK + 1)]
    source = BytesIO("".join(rows).encode())

    def tell(report: Report, _: object) -> None:
        seen.append(report.lines)

    report = load(branch.database, kind_named("confirmations"), source, Sender("core", 0), tell)

    assert seen == [CHUNK, 2 * CHUNK, 2 * CHUNK + 1]
    assert (len(report.told), report.left_out) == (MOST_TOLD, 2 * CHUNK + 1 - MOST_TOLD)
    assert report.as_json()["refused"] == 2 * CHUNK + 1
