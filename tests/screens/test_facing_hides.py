"""Customer mode, whole: every text of every record is marked, and only the customer's own shows."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from mobile_app.store.device_store import DeviceStore
from mobile_app.words import TABLE
from shared.domain import Attachment, Interaction, Review, Task
from shared.registry import REGISTRY, Document
from shared.testing.around import (
    a_case,
    a_case_step,
    a_collaborator,
    a_consent,
    a_referral,
    a_relation,
    a_risk,
    a_state,
    a_value,
    an_account,
    an_alert,
)
from tests.screens.memory import NOW, contact, person
from tests.screens.shop import a_shop, shop_device, sold
from tests.screens.stage import Stage, opened, running
from tests.screens.test_with_the_real_store import arrive

THEIRS = {"customer.name", "account.name"}
"""What a customer may read of what is written about them."""
INTERNAL = (
    "tier", "state", "churn", "churn_reason", "alert_kind", "alert_status", "severity",
    "relation_kind", "relation_status", "stage", "outcome", "word", "advised", "service_status",
    "referral_status", "touch", "review",
)  # fmt: skip
"""Families of words that say what the bank thinks of a customer."""
HEADS = (
    "timeline", "relations", "alerts", "service", "standing", "worth", "touches", "actions",
    "collaborators", "referrals", "interests", "sources", "attachments", "view.told",
)  # fmt: skip


def records() -> Iterator[tuple[str, Document]]:
    """One record of everything that a device may hold of a customer."""
    talked: Interaction = contact(1, employee_id="e2")
    case = a_case("c1", opened_by="e2", id="k1")
    yield "customer", asdict(person())
    yield "account", an_account("c1", id="ac1", matures_on="2026-11-28")
    yield "alert", an_alert("c1", id="al1", status="handled", employee_id="e2", handled_at=NOW,
                            cause="medical", action="talked")  # fmt: skip
    yield "alert", an_alert("c1", id="al2")
    yield "relation", a_relation("c1", "e2", id="r1")
    yield "customer_value", a_value("c1")
    yield "customer_state", a_state("c1")
    yield "churn_risk", a_risk("c1")
    yield "interaction", asdict(talked)
    yield (
        "interaction",
        asdict(
            replace(talked, id="told", channel="call_centre", source="x", agent="x", employee_id="")
        ),
    )
    yield "review", asdict(Review("v1", talked.id, "c1", "e9", "coach", NOW, "x"))
    yield "task", asdict(Task("t1", "c1", "visit", "x", "2026-11-27", reason="x"))
    yield "sale", sold(1, product_id="p2", status="appointment", appointment_on="2026-11-27")
    yield "consent", a_consent("c1", "e2", id="n1")
    yield "service_case", case
    yield "case_step", a_case_step(case, "e2", id="ks1")
    yield "collaborator", a_collaborator("c1", "e2", "e1", id="co1")
    yield "referral", a_referral("c1", "e1", "e2", id="rf1")
    yield (
        "attachment",
        asdict(Attachment("at1", "c1", "e2", "photo", "image/jpeg", 10, "a" * 64, NOW)),
    )


def planted(entity: str, document: Document) -> Document:
    """The same record with a mark in each field that takes any text; ids stay what they are."""
    marked = dict(document)
    for name, field in REGISTRY[entity].fields.items():
        if field.python_type is not str or name == "id" or name.endswith("_id"):
            continue
        for mark in (f"⟦{entity}.{name}⟧", f"⟦{entity}⟧"):
            try:
                REGISTRY[entity].one.validate_python({**marked, name: mark})
            except ValidationError:
                continue
            marked[name] = mark
            break
    return marked


def a_marked_store(folder: Path) -> DeviceStore:
    """The whole of it: colleagues are marked, too."""
    store = a_shop(folder)
    colleague = {**asdict(store.employees()["e2"]), "name": "⟦employee.name⟧"}
    arrive(
        store, 3, ("employee", colleague),
        *((entity, planted(entity, document)) for entity, document in records()),
    )  # fmt: skip
    return store


def everything_told(stage: Stage) -> str:
    """All that can be read, heard or opened on the page, as one text."""
    hints = (getattr(one, "tooltip", None) for one in stage.controls())
    messages = (getattr(hint, "message", hint) for hint in hints if hint)
    return "\n".join([*stage.texts(), *stage.dialogs(), *map(str, messages)])


async def facing(store: DeviceStore, language: str, width: int) -> str:
    stage = await opened(shop_device(store), width, language=language)
    stage.here.gate.face("c1")
    await stage.settle()
    return everything_told(stage)


def test_the_marks_are_planted_in_every_kind_of_record() -> None:
    bare = {entity for entity, document in records() if "⟦" not in str(planted(entity, document))}

    # Their texts are JSON, or they have none: what they say is told by the words below.
    assert bare <= {"customer_state", "churn_risk"}


@pytest.mark.parametrize("width", [390, 820, 1280])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_of_any_record_shows_but_their_name_and_accounts(
    tmp_path: Path, language: str, width: int
) -> None:
    async def scene() -> None:
        store = a_marked_store(tmp_path)

        told = await facing(store, language, width)

        shown = {part.split("⟧")[0] for part in told.split("⟦")[1:]}
        assert shown == THEIRS
        store.close()

    running(scene)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_word_that_says_what_the_bank_thinks_stands_there(tmp_path: Path, language: str) -> None:
    async def scene() -> None:
        store = a_marked_store(tmp_path)
        place = ("zh", "en").index(language)

        lines = set((await facing(store, language, 390)).split("\n"))

        families = {key.split(".")[0] for key in TABLE}
        assert families >= set(INTERNAL)
        inner = {
            said[place]
            for key, said in TABLE.items()
            if key.split(".")[0] in INTERNAL or key in HEADS
        }
        parts = {part for line in lines for part in line.split("·")}
        assert inner & parts == set()
        store.close()

    running(scene)
