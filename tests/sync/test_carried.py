"""Sync bundles: work that is carried to the server in a file, between the real stores."""

from collections.abc import Iterator

import pytest
from pydantic_core import from_json

from mobile_app.store.bundle import Settled, export_bundle, take_answer
from mobile_app.store.records import RecordState
from shared.errors import Refusal, refused
from shared.registry import Document
from shared.sync.bundle import Header, pack, read_header, secret_of, unpack_bundle
from shared.sync.change import Insert, Patch, Transition
from shared.sync.protocol import MAX_BODY, MAX_OPS, Line, Txn, write
from shared.testing.builders import a_request, a_task, an_interaction, id_number
from sync_server.bundles import Imported, answer, import_bundle
from sync_server.store.identity import revoke
from tests.sync import checks
from tests.sync.world import CUSTOMERS, LIN, STRANGER, Branch, Tablet, World

MINE = CUSTOMERS[0]
NOTE = "想把理财换成保本的"


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


@pytest.fixture
def lin(world: World) -> Tablet:
    return world.tablets[0]


@pytest.fixture
def zhou(world: World) -> Tablet:
    return world.tablets[1]


def visit(tablet: Tablet, customer: str = MINE) -> Document:
    """Save a visit and return it."""
    document = an_interaction(
        customer, tablet.identity.employee.id, id=tablet.store.new_id(), note=NOTE
    )
    tablet.save(Insert("interaction", document))
    return document


def many_tasks(tablet: Tablet) -> None:
    """Save as many tasks in one transaction as fit into a request."""
    tablet.save(*(Insert("task", a_task(MINE, id=tablet.store.new_id())) for _ in range(MAX_OPS)))


def exported(tablet: Tablet) -> bytes:
    return export_bundle(tablet.store).content


def imported(branch: Branch, content: bytes) -> Imported:
    made = import_bundle(branch.database, content, branch.now)
    branch.remember()
    return made


def answered(branch: Branch, content: bytes) -> bytes:
    """Import a bundle and return the answer."""
    return answer(branch.database, imported(branch, content), id_number(1), branch.now)


def statuses(imported: Imported) -> list[str]:
    return [verdict["status"] for each in imported.verdicts for verdict in each]


def refusal(content: bytes, branch: Branch) -> str:
    """Try to import; return the code of the refusal, with the record as it was."""
    before = branch.head(), branch.verdicts()
    with pytest.raises(Refusal) as caught:
        import_bundle(branch.database, content, branch.now)
    assert (branch.head(), branch.verdicts()) == before
    return caught.value.code


def requests(tablet: Tablet, content: bytes) -> list[list[Txn]]:
    header = read_header(content, "BUNDLE")
    _, bodies = unpack_bundle(header, secret_of(tablet.identity.token), content)
    assert all(len(body) <= MAX_BODY for body in bodies)
    return [from_json(body)["txns"] for body in bodies]


def state(tablet: Tablet, document: Document) -> RecordState:
    return tablet.store.state("interaction", str(document["id"]))


# What comes out of a bundle


def test_a_visit_is_carried_into_the_record(world: World, lin: Tablet) -> None:
    saved = visit(lin)

    made = imported(world.branch, exported(lin))

    assert statuses(made) == ["applied"]
    assert world.branch.rows()["interaction", str(saved["id"])].document["note"] == NOTE


def test_work_in_a_file_is_still_only_on_the_device(lin: Tablet) -> None:
    saved = visit(lin)
    before = lin.store.pending(MAX_OPS)

    exported(lin)

    assert state(lin, saved) is RecordState.LOCAL
    assert lin.store.pending(MAX_OPS) == before


def test_a_bundle_holds_the_requests_that_a_conversation_would_post(
    world: World, lin: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_tasks(lin)
    for _ in range(3):
        visit(lin)
    bundle = exported(lin)
    posted: list[bytes] = []
    hold = Branch.hold

    def overheard(branch: Branch, token: str, body: bytes, crash: str | None) -> Iterator[Line]:
        posted.append(body)
        return hold(branch, token, body, crash)

    monkeypatch.setattr(Branch, "hold", overheard)

    lin.sync()

    sent = [from_json(body)["txns"] for body in posted]
    assert requests(lin, bundle) == [txns for txns in sent if txns]
    assert len(requests(lin, bundle)) == 2


def test_twenty_five_hundred_records_are_carried_in_several_requests(
    world: World, lin: Tablet
) -> None:
    for _ in range(2_500):
        visit(lin)

    made = imported(world.branch, exported(lin))

    assert [len(each) for each in made.verdicts] == [1_000, 1_000, 500]
    assert set(statuses(made)) == {"applied"}
    lin.sync()
    assert lin.store.outbox() == []
    checks.each_operation_counted_once(world.branch)


def test_a_transaction_of_more_operations_than_fit_beside_others_goes_whole(
    world: World, lin: Tablet
) -> None:
    visit(lin)
    many_tasks(lin)
    visit(lin)

    made = imported(world.branch, exported(lin))

    assert [len(each) for each in made.verdicts] == [1, MAX_OPS, 1]
    assert set(statuses(made)) == {"applied"}


def test_nothing_unsent_is_a_sentence_and_no_file(lin: Tablet) -> None:
    with pytest.raises(Refusal) as caught:
        export_bundle(lin.store)

    assert caught.value.code == "nothing_unsent"


def test_nothing_of_a_customer_can_be_read_in_a_bundle_or_its_answer(
    world: World, lin: Tablet
) -> None:
    saved = visit(lin)
    bundle = exported(lin)
    told = answered(world.branch, bundle)

    secrets = [NOTE, MINE, LIN, str(saved["id"]), lin.identity.token, "interaction", "op_id"]
    for content in (bundle, told):
        assert [piece for piece in secrets if piece.encode() in content] == []


# The same work on several ways


def test_what_was_carried_and_comes_online_later_is_a_duplicate(world: World, lin: Tablet) -> None:
    saved = [visit(lin) for _ in range(3)]
    imported(world.branch, exported(lin))
    rows = world.branch.rows()

    lin.sync()

    assert world.branch.rows() == rows
    assert {state(lin, each) for each in saved} == {RecordState.IN_RECORD}
    checks.after_the_faults(world)


def test_what_came_online_and_is_carried_later_is_a_duplicate(world: World, lin: Tablet) -> None:
    visit(lin)
    bundle = exported(lin)
    lin.sync()
    head = world.branch.head()

    made = imported(world.branch, bundle)

    assert statuses(made) == ["duplicate"]
    assert world.branch.head() == head
    checks.after_the_faults(world)


def test_two_bundles_that_overlap_count_once(world: World, lin: Tablet) -> None:
    first_visits = [visit(lin) for _ in range(2)]
    first = exported(lin)
    visit(lin)
    second = exported(lin)

    later = imported(world.branch, second)
    earlier = imported(world.branch, first)
    again = imported(world.branch, second)

    assert statuses(later) == ["applied"] * 3
    assert statuses(earlier) == ["duplicate"] * len(first_visits)
    assert statuses(again) == ["duplicate"] * 3
    checks.after_the_faults(world)


def test_an_edit_is_merged_as_it_would_be_online(world: World, lin: Tablet, zhou: Tablet) -> None:
    lin.save(Patch("customer", MINE, {"contact_note": (None, "午后在")}))
    bundle = exported(lin)
    world.branch.change("customer", MINE, contact_note="上午在")

    made = imported(world.branch, bundle)

    assert statuses(made) == ["conflict"]
    assert world.branch.rows()["customer", MINE].document["contact_note"] == "午后在"


def test_a_refused_record_stops_no_other_and_is_named(world: World, lin: Tablet) -> None:
    visit(lin)
    lin.save(Patch("customer", MINE, {"name": ("客户0", "错")}))
    visit(lin)

    made = imported(world.branch, exported(lin))

    assert statuses(made) == ["applied", "rejected", "applied"]
    [told] = made.refused
    assert (told.entity, told.record_id) == ("customer", MINE)
    assert told.refusal == refused("guarded_field", fields="name")


def test_what_depends_on_a_refused_record_of_an_earlier_request_falls_with_it(
    world: World, lin: Tablet
) -> None:
    task = a_task(MINE, id=lin.store.new_id())
    lin.save(Insert("task", task), Patch("customer", MINE, {"name": ("客户0", "错")}))
    many_tasks(lin)
    lin.save(Transition("task", str(task["id"]), "status", "open", "done"))

    made = imported(world.branch, exported(lin))

    assert len(made.verdicts) > 1
    assert made.refused[-1].refusal == refused("depends_on_rejected")


def test_a_record_that_cannot_be_read_is_named_and_the_rest_is_taken(
    world: World, lin: Tablet
) -> None:
    broken = lin.store.new_id()
    op = {"op_id": broken, "kind": "insert", "entity": "task", "id": broken, "of_old": 1}
    body = {**op, "doc": a_task(MINE, id=broken)}
    lin.store._outbox.append([(lin.store.new_id(), [body])], lin.clock())  # type: ignore[list-item]
    for _ in range(5):
        visit(lin)

    made = imported(world.branch, exported(lin))

    assert statuses(made) == ["rejected"] + ["applied"] * 5
    assert [(each.op_id, each.refusal.code) for each in made.refused] == [(broken, "malformed")]


def test_an_import_that_broke_off_is_run_again(
    world: World, lin: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_tasks(lin)
    visit(lin)
    bundle = exported(lin)
    write, calls = world.branch.database.write, iter(range(9))

    def dying(work: object) -> object:
        if next(calls) == 1:
            raise KeyboardInterrupt
        return write(work)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(world.branch.database, "write", dying)
        with pytest.raises(KeyboardInterrupt):
            import_bundle(world.branch.database, bundle, world.branch.now)

    made = imported(world.branch, bundle)

    assert statuses(made) == ["duplicate"] * MAX_OPS + ["applied"]


def test_the_supervisor_still_reads_when_the_device_was_last_seen(
    world: World, lin: Tablet
) -> None:
    visit(lin)
    bundle = exported(lin)
    before = world.branch.rows()["device_state", lin.identity.device_id]
    world.branch.now += 3 * 86_400_000

    imported(world.branch, bundle)

    assert world.branch.rows()["device_state", lin.identity.device_id] == before


# What is not taken


def test_a_damaged_bundle_is_refused_wherever_the_damage_is(world: World, lin: Tablet) -> None:
    for _ in range(40):
        visit(lin)
    bundle = exported(lin)
    places = [place * (len(bundle) - 1) // 20 for place in range(21)]

    codes = [
        refusal(bundle[:place] + bytes([bundle[place] ^ 1]) + bundle[place + 1 :], world.branch)
        for place in places
    ]
    assert codes == ["not_a_bundle"] + ["bundle_damaged"] * 20


def test_a_bundle_that_was_cut_short_is_refused_wherever_it_ends(world: World, lin: Tablet) -> None:
    for _ in range(40):
        visit(lin)
    bundle = exported(lin)
    ends = [place * len(bundle) // 20 for place in range(20)]

    codes = [refusal(bundle[:end], world.branch) for end in ends]

    assert codes == ["not_a_bundle"] + ["bundle_damaged"] * 19


def test_something_added_to_a_bundle_is_noticed(world: World, lin: Tablet) -> None:
    visit(lin)

    assert refusal(exported(lin) + b"\0", world.branch) == "bundle_damaged"


def test_a_bundle_under_another_devices_name_does_not_open(
    world: World, lin: Tablet, zhou: Tablet
) -> None:
    visit(lin)
    mine, other = lin.identity.device_id.encode(), zhou.identity.device_id.encode()

    assert refusal(exported(lin).replace(mine, other, 1), world.branch) == "bundle_damaged"


def test_a_bundle_under_another_id_does_not_open(world: World, lin: Tablet) -> None:
    visit(lin)
    made = export_bundle(lin.store)
    other = made.content.replace(made.id.encode(), id_number(7).encode(), 1)

    assert refusal(other, world.branch) == "bundle_damaged"


def test_an_answer_is_no_bundle_even_under_a_bundles_header(world: World, lin: Tablet) -> None:
    visit(lin)
    told = answered(world.branch, exported(lin))

    assert refusal(told, world.branch) == "not_a_bundle"
    renamed = told.replace(b"FIELDBOOK-ANSWER", b"FIELDBOOK-BUNDLE", 1)
    assert refusal(renamed, world.branch) == "bundle_damaged"


def test_a_bundle_of_another_format_is_refused_by_its_number(world: World, lin: Tablet) -> None:
    visit(lin)
    bundle = exported(lin).replace(b"BUNDLE 1 ", b"BUNDLE 2 ", 1)

    assert refusal(bundle, world.branch) == "bundle_version"


@pytest.mark.parametrize(
    "change", [{"proto": 2}, {"of_another_version": 1}, {"cursor": 5}, {"txns": {}}]
)
def test_a_request_of_another_protocol_is_refused_with_the_whole_bundle(
    world: World, lin: Tablet, change: dict[str, object]
) -> None:
    body = write({**a_request(), **change})
    header = Header("BUNDLE", lin.identity.device_id, lin.store.new_id())
    facts = {"device_id": header.device_id, "made_at": 1, "requests": 1, "operations": 0}
    secret = secret_of(lin.identity.token)

    assert refusal(pack(header, secret, facts, [body]), world.branch) == "bundle_version"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"SQLite format 3\0" + bytes(4_080), "客户名单".encode() * 99]
)
def test_a_file_of_something_else_is_no_bundle(world: World, content: bytes) -> None:
    assert refusal(content, world.branch) == "not_a_bundle"


def test_a_bundle_for_another_branch_is_not_known_here(world: World, lin: Tablet) -> None:
    visit(lin)
    bundle = exported(lin)
    mine, stranger = lin.identity.device_id.encode(), id_number(77).encode()

    assert refusal(bundle.replace(mine, stranger, 1), world.branch) == "bundle_unknown_device"


def test_a_revoked_devices_bundle_waits_for_the_supervisor(world: World, lin: Tablet) -> None:
    visit(lin)
    bundle = exported(lin)
    with world.branch.database.writing() as connection:
        revoke(connection, lin.identity.device_id)

    assert refusal(bundle, world.branch) == "bundle_revoked"


def test_a_leavers_bundle_waits_for_the_supervisor(world: World, lin: Tablet) -> None:
    visit(lin)
    bundle = exported(lin)
    world.branch.change("employee", LIN, active=False)

    assert refusal(bundle, world.branch) == "bundle_revoked"


# The answer


def test_an_answer_makes_work_delivered_and_only_a_pull_brings_it_into_the_record(
    world: World, lin: Tablet
) -> None:
    saved = visit(lin)
    told = answered(world.branch, exported(lin))

    settled = take_answer(lin.store, told)

    assert settled == Settled(delivered=1, refused=0)
    assert state(lin, saved) is RecordState.DELIVERED
    lin.sync()
    assert state(lin, saved) is RecordState.IN_RECORD


def test_an_answer_that_is_read_twice_changes_nothing_more(world: World, lin: Tablet) -> None:
    saved = visit(lin)
    told = answered(world.branch, exported(lin))
    take_answer(lin.store, told)
    lin.sync()

    assert take_answer(lin.store, told) == Settled(delivered=0, refused=0)
    assert state(lin, saved) is RecordState.IN_RECORD


def test_an_answer_puts_what_was_refused_before_its_user(world: World, lin: Tablet) -> None:
    world.branch.change("customer", MINE, owner_id=STRANGER)
    lin.save(Patch("customer", MINE, {"need": (None, "housing")}))
    visit(lin, CUSTOMERS[1])

    settled = take_answer(lin.store, answered(world.branch, exported(lin)))

    assert settled == Settled(delivered=1, refused=1)
    assert [each.refusal for each in lin.store.outbox() if each.refusal] == [Refusal("not_yours")]


def test_work_after_the_export_is_not_settled_by_the_answer(world: World, lin: Tablet) -> None:
    visit(lin)
    told = answered(world.branch, exported(lin))
    later = visit(lin)

    take_answer(lin.store, told)

    assert state(lin, later) is RecordState.LOCAL
    lin.sync()
    assert state(lin, later) is RecordState.IN_RECORD


def test_an_answer_for_another_device_is_not_read(world: World, lin: Tablet, zhou: Tablet) -> None:
    visit(lin)
    told = answered(world.branch, exported(lin))

    with pytest.raises(Refusal) as caught:
        take_answer(zhou.store, told)

    assert caught.value.code == "answer_of_another_device"


def test_an_answer_from_before_a_restore_is_not_believed(world: World, lin: Tablet) -> None:
    world.branch.back_up()
    saved = visit(lin)
    told = answered(world.branch, exported(lin))
    world.branch.restore()
    lin.sync(deliver=1)  # it meets the restored server, and the line breaks

    with pytest.raises(Refusal) as caught:
        take_answer(lin.store, told)

    assert caught.value.code == "answer_outdated"
    lin.sync()
    assert ("interaction", saved["id"]) in world.branch.rows()


def test_work_that_an_answer_settled_goes_to_a_restored_server_again(
    world: World, lin: Tablet
) -> None:
    world.branch.back_up()
    saved = visit(lin)
    take_answer(lin.store, answered(world.branch, exported(lin)))
    world.branch.restore()

    lin.sync()

    assert ("interaction", saved["id"]) in world.branch.rows()
    assert state(lin, saved) is RecordState.IN_RECORD


def test_an_answer_is_refused_where_it_was_damaged(world: World, lin: Tablet) -> None:
    visit(lin)
    told = answered(world.branch, exported(lin))
    before = lin.store.overview()

    for place in [index * (len(told) - 1) // 20 for index in range(1, 21)]:
        with pytest.raises(Refusal) as caught:
            take_answer(lin.store, told[:place] + bytes([told[place] ^ 1]) + told[place + 1 :])
        assert caught.value.code in ("bundle_damaged", "answer_of_another_device")
    with pytest.raises(Refusal) as caught:
        take_answer(lin.store, exported(lin))

    assert caught.value.code == "not_an_answer"
    assert lin.store.overview() == before
