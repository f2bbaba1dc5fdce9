"""Reasons add up to the probability shown, the strongest are kept, and every recommended action answers one of them."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from math import log
from pathlib import Path

import pytest

from adapters.formatting.babel_formats import formats_of
from application.ports.results import ScoredCustomer
from application.use_cases.predictions.recommend import ranked_for
from bench.ports import ports_of
from domain.account import Account, system_account
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.model import Effort
from domain.playbook import Playbook
from domain.policy import InstallationPolicy
from domain.prediction import REASONS_KEPT
from domain.recommendation import LEAVE_ALONE
from domain.run import Run
from domain.training import TrainingRequest
from entrypoints.application import Application
from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings
from tests.real_data import ibm_telco

CHECKED = 200
REAL_CUSTOMERS = 2_000
"""Of the public file. A model of few customers has the same parts, and reasons add up for each or for none."""


@dataclass(frozen=True)
class Finished:
    """A scored file, with everything the run used."""

    application: Application
    run: Run
    playbook: Playbook
    policy: InstallationPolicy

    def customers(self) -> Iterator[ScoredCustomer]:
        query = CustomerQuery(threshold=self.run.threshold, sort="row", descending=False)
        for chunk in ports_of(self.application).results.stream(self.run.id, query, bands=self.policy.bands):
            yield from chunk

    def some(self) -> list[ScoredCustomer]:
        everyone = list(self.customers())
        return random.Random(200).sample(everyone, CHECKED)


def _system(application: Application) -> Account:
    return system_account(application.now())


def _learned_from(file: Path, folder: Path) -> Application:
    application = build_inline(Settings(data_dir=folder))
    application.maintenance.upgrade_database()
    request = TrainingRequest(effort=Effort.LOW, seed=6)
    with file.open("rb") as stream:
        training = application.models.submit_training(
            stream, file.name, request, by=Actor(_system(application)), promote=True
        )
    learned = application.models.train_model(training.id)
    assert learned is not None
    assert learned.error is None
    return application


def _finished(application: Application, file: Path) -> Finished:
    with file.open("rb") as stream:
        submitted = application.predictions.submit_scoring(stream, file.name, by=Actor(_system(application)))
    run = application.predictions.score_run(submitted.id)
    assert run is not None
    assert run.summary is not None
    with ports_of(application).new_reading() as uow:
        return Finished(application, run, uow.playbooks.get(run.playbook_version or 1), uow.policies.get())


@pytest.fixture(
    scope="module", params=["a sample file", pytest.param("the real file", marks=pytest.mark.slow)], ids=str
)
def finished(request: pytest.FixtureRequest, with_starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The real file by a model that learned from it, or made-up customers by the starter model."""
    folder = tmp_path_factory.mktemp("reasons")
    if request.param == "the real file":
        file = folder / "real.csv"
        file.write_bytes(b"\n".join(ibm_telco().read_bytes().splitlines()[: 1 + REAL_CUSTOMERS]))
        return _finished(_learned_from(file, folder), file)
    shutil.copytree(with_starter, folder / "data")
    application = build_inline(Settings(data_dir=folder / "data"))
    ports_of(application).sample.write(folder / "sample.csv", rows=2000, seed=12)
    return _finished(application, folder / "sample.csv")


def test_shap_values_and_base_give_the_log_odds_of_the_probability_shown(finished: Finished) -> None:
    scorer = ports_of(finished.application).registry.scorer(finished.run.model_version)
    for scored in finished.some():
        explained = scorer.explain(scored.customer)
        shown = scored.prediction.probability
        total = explained.base_value + sum(reason.contribution for reason in explained.reasons)
        assert total == pytest.approx(log(shown / (1 - shown)), abs=1e-4)
        assert {reason.attribute for reason in explained.reasons} == set(scorer.schema.names)


def test_the_stored_reasons_are_the_strongest_in_each_direction(finished: Finished) -> None:
    scorer = ports_of(finished.application).registry.scorer(finished.run.model_version)
    for scored in finished.some():
        reasons = scorer.explain(scored.customer).reasons
        up = sorted((r.contribution for r in reasons if r.contribution > 0), reverse=True)
        down = sorted(r.contribution for r in reasons if r.contribution < 0)
        kept = {r.attribute: r.contribution for r in reasons}
        for stored, strongest in ((scored.prediction.raises, up), (scored.prediction.lowers, down)):
            assert [r.contribution for r in stored] == pytest.approx(strongest[:REASONS_KEPT], abs=1e-4)
            assert [kept[r.attribute] for r in stored] == pytest.approx(strongest[:REASONS_KEPT], abs=1e-4)
            assert all(r.value == scored.customer.attributes.get(r.attribute) for r in stored)


def test_every_recommended_action_answers_a_reason_that_raises_and_its_conditions_hold(finished: Finished) -> None:
    rows = recommended = 0
    schema = ports_of(finished.application).registry.scorer(finished.run.model_version).schema
    for scored in finished.customers():
        rows += 1
        if scored.action_id == LEAVE_ALONE:
            assert scored.expected_gain == 0
            continue
        recommended += 1
        action = finished.playbook.action(scored.action_id)
        assert action is not None
        assert any(action.answers_reason(reason, schema) for reason in scored.prediction.raises), scored
        assert action.may_be_offered(scored.customer.attributes, schema), scored
        assert scored.expected_gain > 0
    assert finished.run.summary is not None
    assert rows == finished.run.summary.scored
    assert recommended > rows / 20


def test_the_recommended_action_is_the_best_one_by_the_rule_for_one_customer(finished: Finished) -> None:
    schema = ports_of(finished.application).registry.scorer(finished.run.model_version).schema
    formats = formats_of(finished.policy.currency)
    for scored in finished.some():
        ranked = ranked_for(scored, finished.playbook, schema, finished.policy.economics, formats)
        if ranked and ranked[0].expected_gain > 0:
            assert scored.action_id == ranked[0].action_id
            assert scored.expected_gain == pytest.approx(ranked[0].expected_gain, abs=1e-9)
        else:
            assert scored.action_id == LEAVE_ALONE


def test_the_playbook_holds_ten_actions_or_more_and_several_are_used(finished: Finished) -> None:
    assert len(finished.playbook.actions) >= 10
    assert len({scored.action_id for scored in finished.customers()}) >= 5
