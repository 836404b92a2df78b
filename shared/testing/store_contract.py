"""The store contract: what a server's store promises, whatever keeps its rows.

Subclass `StoreContract` with a fixture `store`; every test then runs on that store.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, Protocol

import pytest
from pydantic_core import from_json

from shared.errors import Refusal
from shared.registry import Document
from shared.sync.protocol import PageLine, Txn, Verdict
from shared.sync.ruling import Caller, Row
from shared.testing.builders import (
    a_caller,
    a_change_request,
    a_customer,
    a_task,
    an_attachment,
    an_identifier,
    an_interaction,
    delete,
    insert,
    new_id,
    patch,
    transition,
    txn,
)
from shared.testing.replica import Replica

LIN, ZHOU = "lin", "zhou"
LINS, ZHOUS = "portfolio:lin", "portfolio:zhou"
_PAGE: Final = 1_000


class Store(Protocol):
    """What the contract asks of a store."""

    def head(self) -> int:
        """Return the seq of the last transaction."""

    def rows(self, entity: str) -> Mapping[str, Row]:
        """Return the present rows of an entity by id."""

    def grant(self, employee: str, *scopes: str) -> None:
        """Make these the scopes of an employee."""

    def push(self, caller: Caller, txns: Sequence[Txn]) -> list[Verdict]:
        """Judge and write a batch, as one transaction."""

    def bring(self, entity: str, *documents: Document) -> None:
        """Write what the bank's own systems say, as one transaction."""

    def pull(self, employee: str, cursor: str | None) -> Iterator[PageLine]:
        """Yield the pages that bring someone from their cursor to the head."""


def statuses(verdicts: Iterable[Verdict]) -> list[str]:
    """Return what became of each operation."""
    return [verdict["status"] for verdict in verdicts]


def pulled(store: Store, employee: str, replica: Replica | None = None) -> Replica:
    """Bring a replica, or a new one, to the head."""
    replica = replica or Replica()
    return replica.take(store.pull(employee, replica.cursor))


def agree(store: Store, replica: Replica, *scopes: str) -> bool:
    """Whether a replica holds exactly the store's rows of these scopes."""
    entities = (
        "attachment", "customer", "identifier", "interaction", "record_change", "review", "task",
    )  # fmt: skip
    theirs = {
        (entity, id): row
        for entity in entities
        for id, row in store.rows(entity).items()
        if row.scope in scopes
    }
    return replica.rows == theirs


class StoreContract:
    """The promises, one a test."""

    caller = a_caller(LIN)

    @pytest.fixture(autouse=True)
    def _branch(self, store: Store) -> None:
        store.grant(LIN, LINS)
        store.grant(ZHOU, ZHOUS)

    def customer(self, store: Store, owner: str = LIN) -> Document:
        """Bring a customer of an owner into the record."""
        document = a_customer(owner)
        store.bring("customer", document)
        return document

    # Taking in

    def test_a_pushed_visit_is_in_the_record_once(self, store: Store) -> None:
        visit = an_interaction(str(self.customer(store)["id"]), LIN)

        verdicts = store.push(self.caller, [txn(insert("interaction", visit))])

        assert statuses(verdicts) == ["applied"]
        assert store.rows("interaction") == {str(visit["id"]): Row(visit, 1, LINS)}

    def test_a_visit_sent_ten_times_counts_once(self, store: Store) -> None:
        visit = an_interaction(str(self.customer(store)["id"]), LIN)
        sent = [txn(insert("interaction", visit))]
        first = store.push(self.caller, sent)
        head = store.head()

        again = [store.push(self.caller, sent) for _ in range(9)]

        assert [statuses(each) for each in again] == [["duplicate"]] * 9
        assert {each[0]["seq"] for each in again} == {first[0]["seq"]}
        assert (store.head(), len(store.rows("interaction"))) == (head, 1)

    def test_a_refused_visit_sent_again_is_refused_the_same_way(self, store: Store) -> None:
        sent = [txn(insert("interaction", an_interaction(new_id(), LIN)))]
        first = store.push(self.caller, sent)

        assert store.push(self.caller, sent) == first

    def test_a_refused_batch_changes_nothing_but_makes_its_issue(self, store: Store) -> None:
        refused = txn(insert("interaction", an_interaction(new_id(), LIN)))

        store.push(self.caller, [refused])

        [issue] = store.rows("issue").values()
        assert (issue.document["id"], issue.scope) == (refused["txn"], LINS)
        assert from_json(str(issue.document["ops"])) == refused["ops"]
        assert store.rows("interaction") == {}

    def test_a_refused_transaction_that_comes_again_moves_nobody(self, store: Store) -> None:
        refused = txn(insert("interaction", an_interaction(new_id(), LIN)))
        store.push(self.caller, [refused])
        head = store.head()

        store.push(self.caller, [refused])

        assert store.head() == head

    def test_an_issue_that_is_there_is_left_as_it_is(self, store: Store) -> None:
        first = txn(insert("interaction", an_interaction(new_id(), LIN)))
        again = {**txn(insert("task", a_task(new_id()))), "txn": first["txn"]}
        store.push(self.caller, [first])

        store.push(self.caller, [again])  # type: ignore[list-item]

        [issue] = store.rows("issue").values()
        assert issue.document["entity"] == "interaction"

    def test_a_clash_shows_the_value_that_lost_and_whose_it_was(self, store: Store) -> None:
        customer = self.customer(store)
        id = str(customer["id"])
        boss = a_caller("boss", LINS, role="supervisor")
        store.push(boss, [txn(patch("customer", id, contact_note=(None, "上午")))])

        store.push(self.caller, [txn(patch("customer", id, contact_note=(None, "午后")))])

        [conflict] = store.rows("conflict").values()
        assert conflict.scope == LINS
        said = [conflict.document[name] for name in ("lost", "lost_by", "won", "won_by", "status")]
        assert said == ['"上午"', "boss", '"午后"', LIN, "open"]

    def test_an_approved_request_changes_the_customer_in_the_same_step(self, store: Store) -> None:
        customer = self.customer(store)
        request = a_change_request(str(customer["id"]), LIN)
        store.push(self.caller, [txn(insert("change_request", request))])
        head = store.head()
        approve = transition("change_request", str(request["id"]), "status", "pending", "approved")

        verdicts = store.push(a_caller("boss", LINS, role="supervisor"), [txn(approve)])

        assert statuses(verdicts) == ["applied"]
        assert store.head() == head + 1
        assert store.rows("customer")[str(customer["id"])].document["name"] == "单晓岷"

    def test_a_supervisor_takes_refused_work_into_the_record(self, store: Store) -> None:
        theirs = self.customer(store, owner=ZHOU)
        refused = txn(insert("interaction", an_interaction(str(theirs["id"]), LIN)))
        assert statuses(store.push(self.caller, [refused])) == ["rejected"]
        boss = a_caller("boss", LINS, ZHOUS, role="supervisor")
        accept = transition(
            "issue", refused["txn"], "status", "open", "accepted", reason="替同事拜访"
        )

        assert statuses(store.push(boss, [txn(accept)])) == ["applied"]

        assert list(store.rows("interaction")) == [refused["ops"][0]["id"]]
        assert store.rows("issue")[refused["txn"]].document["status"] == "accepted"
        assert statuses(store.push(self.caller, [refused])) == ["rejected"]

    def test_a_corrected_transaction_settles_the_issue_it_replaces(self, store: Store) -> None:
        customer = self.customer(store)
        refused = txn(insert("interaction", an_interaction(new_id(), LIN)))
        store.push(self.caller, [refused])
        visit = an_interaction(str(customer["id"]), LIN)

        store.push(self.caller, [txn(insert("interaction", visit), replaces=refused["txn"])])

        assert store.rows("issue")[refused["txn"]].document["status"] == "resent"
        assert list(store.rows("interaction")) == [visit["id"]]

    def test_a_transaction_is_written_whole_or_not_at_all(self, store: Store) -> None:
        customer = str(self.customer(store)["id"])
        well, not_well = a_task(customer), a_task(new_id())

        verdicts = store.push(self.caller, [txn(insert("task", well), insert("task", not_well))])

        assert [verdict.get("code") for verdict in verdicts] == [
            "depends_on_rejected",
            "unknown_customer",
        ]
        assert store.rows("task") == {}

    def test_one_bad_record_stops_no_other(self, store: Store) -> None:
        customer = str(self.customer(store)["id"])
        bad = txn(insert("task", a_task(customer, title="")))
        good = [txn(insert("task", a_task(customer))) for _ in range(2)]

        verdicts = store.push(self.caller, [good[0], bad, good[1]])

        assert statuses(verdicts) == ["applied", "rejected", "applied"]
        assert len(store.rows("task")) == 2

    def test_an_edit_made_offline_meets_the_present_row(self, store: Store) -> None:
        id = str(self.customer(store)["id"])
        store.push(self.caller, [txn(patch("customer", id, contact_note=(None, "午后在")))])

        verdicts = store.push(
            self.caller,
            [
                txn(patch("customer", id, occupation=(None, "教师"))),
                txn(patch("customer", id, contact_note=(None, "上午在"))),
            ],
        )

        assert statuses(verdicts) == ["merged", "conflict"]
        row = store.rows("customer")[id]
        assert (row.document["occupation"], row.document["contact_note"]) == ("教师", "上午在")
        assert row.version == 4

    def test_a_task_done_then_deleted_in_one_batch_is_gone(self, store: Store) -> None:
        task = a_task(str(self.customer(store)["id"]))
        id = str(task["id"])
        store.push(self.caller, [txn(insert("task", task))])

        verdicts = store.push(
            self.caller,
            [txn(transition("task", id, "status", "open", "done")), txn(delete("task", id))],
        )

        assert statuses(verdicts) == ["applied", "applied"]
        assert store.rows("task") == {}

    def test_a_deleted_task_is_known_as_gone(self, store: Store) -> None:
        task = a_task(str(self.customer(store)["id"]))
        store.push(self.caller, [txn(insert("task", task))])
        store.push(self.caller, [txn(delete("task", str(task["id"])))])

        verdicts = store.push(
            self.caller,
            [
                txn(patch("task", str(task["id"]), title=("回访", "上门"))),
                txn(insert("task", task)),
            ],
        )

        assert [verdict.get("code") for verdict in verdicts] == ["gone", "gone"]

    def test_a_batch_is_one_step_of_the_clock(self, store: Store) -> None:
        customer = str(self.customer(store)["id"])
        head = store.head()

        verdicts = store.push(
            self.caller, [txn(insert("task", a_task(customer))) for _ in range(5)]
        )

        assert {verdict["seq"] for verdict in verdicts} == {head + 1}
        assert store.head() == head + 1

    def test_an_operation_that_comes_twice_in_one_batch_has_the_seq_of_its_effect(
        self, store: Store
    ) -> None:
        sent = txn(insert("task", a_task(str(self.customer(store)["id"]))))

        verdicts = store.push(self.caller, [sent, sent])

        assert statuses(verdicts) == ["applied", "duplicate"]
        assert {verdict["seq"] for verdict in verdicts} == {store.head()}

    def test_an_import_that_does_not_fit_leaves_nothing(self, store: Store) -> None:
        head = store.head()

        with pytest.raises(Refusal) as refused:
            store.bring("customer", a_customer(LIN), a_customer(LIN, name=""))

        assert refused.value.code == "unfit"
        assert (store.rows("customer"), store.head()) == ({}, head)

    def test_an_import_that_says_nothing_new_moves_nobody(self, store: Store) -> None:
        customer = self.customer(store)
        head = store.head()

        store.bring("customer", customer)

        assert (store.head(), store.rows("customer")[str(customer["id"])].version) == (head, 1)

    def test_a_visit_with_its_next_step_is_taken_after_the_customer_moved_on(
        self, store: Store
    ) -> None:
        customer = self.customer(store)
        store.bring("customer", {**customer, "owner_id": ZHOU})
        visit = an_interaction(str(customer["id"]), LIN)
        task = a_task(str(customer["id"]), interaction_id=visit["id"])

        verdicts = store.push(
            self.caller, [txn(insert("interaction", visit), insert("task", task))]
        )

        assert [verdict.get("flags") for verdict in verdicts] == [["late_transfer"]] * 2
        assert store.rows("interaction")[str(visit["id"])].scope == ZHOUS
        assert store.rows("task")[str(task["id"])].scope == ZHOUS

    # Giving out

    def test_a_new_device_gets_the_present_rows_and_no_history(self, store: Store) -> None:
        customer = self.customer(store)
        for name in ("a", "b", "c"):
            store.bring("customer", {**customer, "name": name})

        pages = list(store.pull(LIN, None))

        assert sum(len(page["rows"]) for page in pages) == 1
        assert agree(store, Replica().take(pages), LINS)

    def test_a_device_that_has_everything_is_told_nothing(self, store: Store) -> None:
        self.customer(store)
        replica = pulled(store, LIN)

        assert list(store.pull(LIN, replica.cursor)) == []

    def test_changes_come_in_the_order_of_their_commits(self, store: Store) -> None:
        replica = pulled(store, LIN)
        made = [self.customer(store)["id"] for _ in range(5)]

        pages = store.pull(LIN, replica.cursor)

        assert [row["id"] for page in pages for row in page["rows"]] == made

    def test_nobody_is_given_what_is_not_theirs(self, store: Store) -> None:
        mine, theirs = self.customer(store), self.customer(store, ZHOU)

        replica = pulled(store, LIN)

        assert replica.of("customer").keys() == {mine["id"]}
        assert pulled(store, ZHOU).of("customer").keys() == {theirs["id"]}

    def test_a_deletion_reaches_every_holder(self, store: Store) -> None:
        task = a_task(str(self.customer(store)["id"]))
        store.push(self.caller, [txn(insert("task", task))])
        replica = pulled(store, LIN)
        store.push(self.caller, [txn(delete("task", str(task["id"])))])

        assert pulled(store, LIN, replica).of("task") == {}

    def test_a_page_is_cut_between_transactions_only(self, store: Store) -> None:
        replica = pulled(store, LIN)
        batches = [[a_customer(LIN) for _ in range(size)] for size in (600, 700, 300, 900)]
        for batch in batches:
            store.bring("customer", *batch)

        pages = list(store.pull(LIN, replica.cursor))

        assert len(pages) > 1
        at = {row["id"]: place for place, page in enumerate(pages) for row in page["rows"]}
        for batch in batches:
            assert len({at[str(each["id"])] for each in batch}) == 1
        assert agree(store, replica.take(pages), LINS)

    @pytest.mark.parametrize("before", [0, 500, 1_000])
    def test_a_transaction_larger_than_a_page_comes_whole(self, store: Store, before: int) -> None:
        customer = self.customer(store)
        store.bring("identifier", *[an_identifier(str(customer["id"])) for _ in range(3_000)])
        replica = pulled(store, LIN)
        if before:
            store.bring("customer", *[a_customer(LIN) for _ in range(before)])
        store.bring("customer", {**customer, "owner_id": ZHOU})
        store.bring("customer", {**customer, "owner_id": LIN})
        after = self.customer(store)

        pages = list(store.pull(LIN, replica.cursor))

        whole = [page for page in pages if any(row["op"] == "leave" for row in page["rows"])]
        assert [sum(row["op"] == "leave" for row in page["rows"]) % 3_001 for page in whole] == [
            0
        ] * len(whole)
        assert after["id"] in replica.take(pages).of("customer")
        assert agree(store, replica, LINS)

    def test_pages_may_stop_anywhere_and_go_on(self, store: Store) -> None:
        for _ in range(3):
            store.bring("customer", *[a_customer(LIN) for _ in range(_PAGE - 1)])
        replica = Replica()

        for _ in range(20):
            replica.take(islice(store.pull(LIN, replica.cursor), 1))

        assert list(store.pull(LIN, replica.cursor)) == []
        assert agree(store, replica, LINS)

    # Scopes

    def test_a_scope_that_is_given_brings_its_present_rows(self, store: Store) -> None:
        replica = pulled(store, LIN)
        theirs = self.customer(store, ZHOU)
        store.bring("identifier", an_identifier(str(theirs["id"])))
        store.grant(LIN, LINS, ZHOUS)

        pages = list(store.pull(LIN, replica.cursor))

        assert [scope for page in pages for scope in page["complete"]] == [ZHOUS]
        assert agree(store, replica.take(pages), LINS, ZHOUS)

    def test_a_scope_that_is_lost_is_purged(self, store: Store) -> None:
        self.customer(store)
        self.customer(store, ZHOU)
        store.grant(LIN, LINS, ZHOUS)
        replica = pulled(store, LIN)
        store.grant(LIN, LINS)

        pages = list(store.pull(LIN, replica.cursor))

        assert pages[0]["gone"] == [ZHOUS]
        assert agree(store, replica.take(pages), LINS)

    def test_a_scope_that_was_lost_and_given_again_is_whole(self, store: Store) -> None:
        self.customer(store, ZHOU)
        store.grant(LIN, LINS, ZHOUS)
        replica = pulled(store, LIN)
        store.grant(LIN, LINS)
        self.customer(store, ZHOU)
        store.grant(LIN, LINS, ZHOUS)

        assert agree(store, pulled(store, LIN, replica), LINS, ZHOUS)

    @pytest.mark.parametrize("pages", range(1, 6))
    def test_what_changes_during_a_walk_comes_with_its_transaction(
        self, store: Store, pages: int
    ) -> None:
        customers = [a_customer(LIN) for _ in range(_PAGE)]
        store.bring("customer", *customers)
        more = [a_customer(LIN) for _ in range(_PAGE)]
        store.bring("customer", *more)
        for each in (customers[1], more[-1]):
            store.push(self.caller, [txn(insert("task", a_task(str(each["id"]))))])
        replica = Replica().take(islice(store.pull(LIN, None), pages))

        store.bring("customer", {**customers[0], "name": "改"}, {**more[-2], "name": "改"})
        store.bring("customer", {**customers[1], "owner_id": ZHOU})
        store.bring("customer", {**more[-1], "owner_id": ZHOU})
        self.customer(store)

        assert agree(store, pulled(store, LIN, replica), LINS)

    @pytest.mark.parametrize("pages", range(1, 5))
    def test_a_scope_lost_during_its_walk_leaves_nothing(self, store: Store, pages: int) -> None:
        self.customer(store)
        store.bring("customer", *[a_customer(ZHOU) for _ in range(_PAGE)])
        store.grant(LIN, LINS, ZHOUS)
        replica = Replica().take(islice(store.pull(LIN, None), pages))
        store.grant(LIN, LINS)

        assert agree(store, pulled(store, LIN, replica), LINS)

    def test_a_customer_takes_everything_along(self, store: Store) -> None:
        customer = self.customer(store)
        id = str(customer["id"])
        store.bring("identifier", an_identifier(id))
        visit, task = an_interaction(id, LIN), a_task(id)
        photo = an_attachment(id, LIN, interaction_id=visit["id"])
        store.push(self.caller, [txn(insert("interaction", visit), insert("task", task))])
        store.push(self.caller, [txn(insert("attachment", photo))])
        before, after = pulled(store, LIN), pulled(store, ZHOU)

        store.bring("customer", {**customer, "owner_id": ZHOU})

        assert pulled(store, LIN, before).rows == {}
        assert pulled(store, ZHOU, after).rows.keys() == {
            ("customer", id),
            *(("identifier", each) for each in store.rows("identifier")),
            ("interaction", visit["id"]),
            ("task", task["id"]),
            ("attachment", photo["id"]),
            *(("record_change", each) for each in store.rows("record_change")),
        }
        assert agree(store, after, ZHOUS)

    def test_a_customer_who_moves_brings_word_of_the_owner_before(self, store: Store) -> None:
        customer = self.customer(store)

        store.bring("customer", {**customer, "owner_id": ZHOU})
        store.bring("customer", {**customer, "owner_id": ZHOU, "occupation": "教师"})

        [row] = pulled(store, ZHOU).of("record_change").values()
        told = {name: row.document[name] for name in ("customer_id", "kind", "from_id", "to_id")}
        assert told == {
            "customer_id": customer["id"], "kind": "owner", "from_id": LIN, "to_id": ZHOU,
        }  # fmt: skip

    def test_a_customer_who_moves_within_ones_scopes_stays(self, store: Store) -> None:
        customer = self.customer(store)
        store.grant(LIN, LINS, ZHOUS)
        replica = pulled(store, LIN)

        store.bring("customer", {**customer, "owner_id": ZHOU})

        assert agree(store, pulled(store, LIN, replica), LINS, ZHOUS)
        assert replica.of("customer").keys() == {customer["id"]}
