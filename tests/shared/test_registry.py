"""The registry: every declared entity keeps its promises, the next one too."""

from dataclasses import asdict, dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import from_json, to_json
from sqlalchemy import MetaData

import shared.domain  # noqa: F401  (declares the entities)
from shared.domain.customer import masked_name
from shared.registry import REGISTRY, Document, Entity, Mask, Merge, ScopeRule, synced
from shared.tables import entity_table
from shared.testing.strategies import documents, entities

every_entity = pytest.mark.parametrize("entity", REGISTRY.values(), ids=REGISTRY)


@given(entities().flatmap(lambda entity: st.tuples(st.just(entity), documents(entity))))
def test_a_document_is_the_same_after_every_journey(made: tuple[Entity, Document]) -> None:
    entity, document = made

    arrived = entity.one.validate_python(from_json(to_json(document)))

    assert arrived == document
    assert asdict(entity.record(**entity.known(arrived))) == entity.known(document)


@given(entities().flatmap(lambda entity: st.tuples(st.just(entity), documents(entity))))
def test_what_a_document_leaves_out_has_its_default(made: tuple[Entity, Document]) -> None:
    entity, document = made

    whole = entity.known({**document, "of_a_later_version": 1})

    assert list(whole) == list(entity.fields)
    assert whole == entity.known(whole)
    assert entity.one.validate_python(whole) == whole


@given(st.data())
def test_a_field_takes_no_value_of_another_type(data: st.DataObject) -> None:
    entity = data.draw(entities())
    document = entity.known(data.draw(documents(entity)))
    name = data.draw(st.sampled_from(list(entity.fields)))
    wrong: Any = {"no": "primitive"} if data.draw(st.booleans()) else ["nor", "this"]

    with pytest.raises(ValidationError):
        entity.one.validate_python({**document, name: wrong})


@given(st.data())
def test_a_required_field_must_be_there(data: st.DataObject) -> None:
    entity = data.draw(entities())
    document = data.draw(documents(entity))
    name = data.draw(
        st.sampled_from([each.name for each in entity.fields.values() if each.required])
    )

    with pytest.raises(ValidationError):
        entity.one.validate_python({key: document[key] for key in document if key != name})


@given(st.data())
def test_no_number_is_larger_than_every_side_can_keep(data: st.DataObject) -> None:
    entity = data.draw(entities())
    document = entity.known(data.draw(documents(entity)))
    numbers = [each.name for each in entity.fields.values() if each.python_type in (int, float)]
    if not numbers:
        return
    name = data.draw(st.sampled_from(numbers))
    whole = entity.fields[name].python_type is int
    huge = data.draw(
        st.sampled_from(
            [2**53, 2**63, -(2**53)] if whole else [2**53, 10**30, float("inf"), float("nan")]
        )
    )

    with pytest.raises(ValidationError):
        entity.one.validate_python({**document, name: huge})


@every_entity
def test_an_entity_has_an_id_and_a_scope_that_can_be_told(entity: Entity) -> None:
    assert entity.fields["id"].python_type is str
    assert (entity.scope is ScopeRule.GLOBAL) == (entity.scope_key == "")


@every_entity
def test_an_entitys_table_has_its_fields_then_what_sync_keeps(entity: Entity) -> None:
    table = entity_table(entity, MetaData(), own=())

    assert [column.name for column in table.columns] == [*entity.fields, "version", "scope_id"]
    assert [column.name for column in table.primary_key] == ["id"]
    for field in entity.fields.values():
        assert table.c[field.name].nullable == field.nullable
        assert table.c[field.name].type.python_type is field.python_type


@every_entity
def test_a_fact_names_its_author(entity: Entity) -> None:
    if entity.merge is Merge.APPEND_ONLY:
        assert entity.author is not None
    if entity.author is not None:
        assert entity.merge is not Merge.SERVER


@every_entity
def test_a_case_has_one_state_that_moves(entity: Entity) -> None:
    states = [field for field in entity.fields.values() if field.steps]

    assert len(states) <= 1
    assert entity.merge is not Merge.CASE or states


@every_entity
def test_a_state_begins_where_a_step_leads_from(entity: Entity) -> None:
    for field in entity.fields.values():
        if field.steps:
            assert entity.defaults[field.name] in {step.before for step in field.steps}


def test_a_masked_name_shows_who_is_meant_and_not_how_long_it_is() -> None:
    names = ("王秀兰", "刘秀", "欧阳小娜", "云汀市明达培训有限公司")

    assert [masked_name(name) for name in names] == ["王*兰", "刘*", "欧**娜", "云***司"]


def test_who_a_customer_is_and_how_to_reach_them_is_masked() -> None:
    masked = {each.name for each in REGISTRY["customer"].fields.values() if each.mask is Mask.C2}

    assert {"name", "phone", "address", "birth_date", "deposit_balance"} <= masked
    assert REGISTRY["identifier"].fields["value"].mask is Mask.C2


@pytest.mark.parametrize(
    ("name", "rules", "error"),
    [
        ("task", {"merge": Merge.SERVER, "scope": ScopeRule.GLOBAL}, "declared twice"),
        ("new", {"merge": Merge.SERVER, "scope": ScopeRule.USER, "scope_key": "no"}, "no field no"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(
    name: str, rules: dict[str, Any], error: str
) -> None:
    @dataclass(frozen=True)
    class New:
        id: str

    with pytest.raises(ValueError, match=error):
        synced(name, **rules)(New)

    assert "new" not in REGISTRY


def test_a_field_that_is_no_primitive_is_refused() -> None:
    @dataclass(frozen=True)
    class New:
        id: bytes

    with pytest.raises(TypeError):
        synced("new", merge=Merge.SERVER, scope=ScopeRule.GLOBAL)(New)


@pytest.mark.parametrize(
    "day", ["2026-02-30", "2026-13-01", "20260101", "2026-W01-1", "0000-01-01"]
)
def test_a_day_that_no_calendar_has_is_refused(day: str) -> None:
    task = REGISTRY["task"]
    document = task.known(
        {"id": "t", "customer_id": "c", "kind": "call", "title": "回访", "due": day}
    )

    with pytest.raises(ValidationError):
        task.one.validate_python(document)
