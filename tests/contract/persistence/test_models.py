"""Model versions and promotions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.dates import DateForm
from domain.errors import Conflict, ModelNotFound
from domain.model import Algorithm, ModelStage
from domain.schema import Column, ColumnKind
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow, check_every_field_is_filled


def a_full_version(**given: Any) -> Any:
    schema = a.a_schema(
        columns=(
            Column("Joined", ColumnKind.DATE, (), -5.0, 72.0, 0.01, 0.3, "29", DateForm.MILLISECONDS),
            *a.a_schema().columns,
        ),
        further_positive=("Left",),
    )
    filled = {"stage": ModelStage.RETIRED, "starter": True, "sample": True, "schema": schema}
    return a.a_model_version(**(filled | given))


def test_a_model_version_comes_back_with_every_field(new_uow: NewUow) -> None:
    version, bare = a_full_version(), a.a_model_version(id="v2", algorithm=Algorithm.XGBOOST)
    check_every_field_is_filled(version)
    check_every_field_is_filled(version.evaluation.roc)
    bare = replace(
        bare, evaluation=a.an_evaluation(rounds=None, baseline=None, out_of_time=None, months=(), random_folds=None)
    )
    with new_uow() as uow:
        uow.models.add(version)
        uow.models.add(bare)
        assert uow.models.get("v1") == version
        assert uow.models.get("v2") == bare
        assert uow.models.schema("v1") == version.schema
        changed = a_full_version(id="v2", trained_by="other", seed=2**40)
        uow.models.save(changed)
        assert uow.models.get("v2") == changed


def test_a_missing_model_version_raises_an_error(new_uow: NewUow) -> None:
    with new_uow() as uow:
        for attempt in (uow.models.get, uow.models.schema, uow.models.remove):
            with pytest.raises(ModelNotFound):
                attempt("v9")
        with pytest.raises(ModelNotFound):
            uow.models.save(a.a_model_version())
        with pytest.raises(ModelNotFound):
            uow.models.set_stage("v9", ModelStage.CHAMPION)


def test_version_numbers_rise_and_are_never_given_twice(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.models.add(a.a_model_version(id="v0", starter=True))
        for number in range(1, 12):
            assert uow.models.reserve() == f"v{number}"
            uow.models.add(a.a_model_version(id=f"v{number}"))
        assert [own.number for own in uow.models.all()] == list(range(11, -1, -1))
        with pytest.raises(Conflict):
            uow.models.add(a.a_model_version(id="v3"))
        uow.models.remove("v11")
        assert uow.models.reserve() == "v12"
        with pytest.raises(Conflict):
            uow.models.add(a.a_model_version(id="v11"))


def test_a_reserved_number_is_given_to_nobody_else_and_can_be_used_once(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.models.reserve() == "v1"
        uow.commit()
    with new_uow() as uow:
        assert uow.models.reserve() == "v2"
        uow.commit()
    with new_uow() as uow:
        assert uow.models.reserve() == "v3"  # rolled back
    with new_uow() as uow:
        assert uow.models.reserve() == "v3"
        assert uow.models.reserve(above=6) == "v7"
        assert uow.models.reserve(above=2) == "v8"
        assert uow.models.all() == []
        uow.models.add(a.a_model_version(id="v2"))
        uow.models.remove("v2")
        with pytest.raises(Conflict):
            uow.models.add(a.a_model_version(id="v2"))
        assert uow.models.reserve() == "v9"


def test_there_is_at_most_one_champion(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.models.champion() is None
        uow.models.add(a.a_model_version(id="v1", stage=ModelStage.CHAMPION))
        uow.models.add(a.a_model_version(id="v2"))
        with pytest.raises(Conflict):
            uow.models.set_stage("v2", ModelStage.CHAMPION)
        with pytest.raises(Conflict):
            uow.models.save(a.a_model_version(id="v2", stage=ModelStage.CHAMPION))
        assert uow.models.champion() == a.a_model_version(id="v1", stage=ModelStage.CHAMPION)
        uow.models.set_stage("v1", ModelStage.RETIRED)
        uow.models.set_stage("v2", ModelStage.CHAMPION)
        assert uow.models.champion() == a.a_model_version(id="v2", stage=ModelStage.CHAMPION)
        assert uow.models.get("v1").stage is ModelStage.RETIRED


def test_promotions_are_listed_newest_first(new_uow: NewUow) -> None:
    first = a.a_promotion(version="v1", previous=None)
    second, third = a.a_promotion(version="v2", at=at(minutes=1)), a.a_promotion(version="v3", at=at(minutes=1))
    check_every_field_is_filled(second)
    with new_uow() as uow:
        for promotion in (first, second, third):
            uow.models.log(promotion)
        assert uow.models.promotions() == [third, second, first]


def test_versions_are_listed_by_title_without_their_figures(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.models.add(a.a_model_version(id="v0", file_name="made-up.csv"))
        uow.models.add(a.a_model_version(id="v1", file_name="labelled.csv"))
        titles = uow.models.titles()
    assert [(own.id, own.name, own.file_name) for own in titles] == [
        ("v1", "Model v1", "labelled.csv"),
        ("v0", "Starter model", "made-up.csv"),
    ]
