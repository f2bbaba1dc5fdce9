"""The name of a column decides whether yes means "left" or "stayed"; a name in doubt is asked about."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ml.detection.labelled_file import Detected, detect
from domain.errors import InvalidInput, ValueUnclear
from domain.training import TrainingRequest
from domain.vocabulary.leaving import YesMeans, yes_means
from tests.unit.ml.files import a_table, customers

LEFT = [
    "Churn", "is_churned", "ChurnYN", "churned_customer", "churn_next_month", "Churn in next 30 days", "hasleft",
    "attrition_flag", "Exited", "unsubscribed", "left_company", "gekündigt", "Kunde abgewandert", "baja", "résilié",
    "cancelado", "отток", "是否流失", "not_retained", "nicht_geblieben", "Kuendigt", "Kündigung", "desabonnement",
    "rezygnacja", "ayrıldı_mı", "Churn_Durumu", "解約フラグ", "이탈여부", "해지_여부", "berhenti_berlangganan",
    "rời_bỏ", "Клиент ушёл", "LeaveOrNot", "left or not", "churn_ou_non", "policy_cancelled", "ported_out",
    "Đã rời bỏ", "khách hàng rời bỏ", "reziliat", "lemorzsolódott", "Відтік", "ریزش", "αποχώρησε", "ameondoka",
    "akabva", "usehambile", "用戶流失",
]  # fmt: skip
STAYED = [
    "not_churned", "non_churn", "no_churn", "churn_free", "ChurnFree", "nonchurner", "never_churned", "not_exited",
    "retained", "is_retained", "stayed", "CustomerStayed", "nicht_gekündigt", "no_cancelado", "retenido", "未流失",
    "tidak_berhenti", "not_ported_out",
]  # fmt: skip
ASKED_ABOUT = [
    "active", "is_active", "IsActiveMember", "alive", "subscribed", "renewal", "renewed", "is_customer", "inactive",
    "no_longer_active", "cliente_activo", "est_actif", "aktiv", "account_status", "Status", "estado", "churn_xyz",
    "churn_month", "class", "outcome", "is_cancel", "turnover", "継続フラグ", "активный", "aktif_mi", "계약상태",
]  # fmt: skip
ABOUT_SOMETHING_ELSE = [
    "is_churn_prevented", "churn_offer_sent", "churn_survey", "churned_before", "competitor_churn", "churn_alert",
    "previous_churn", "repurchase",
    "Kündigungsfrist", "Kündigungsgrund", "cancellation_fee", "previous_cancellations", "解約日", "port_number",
    "roi", "retention_offer", "days_left", "months_left_in_contract", "left_handed", "active_lines", "sales_target",
]  # fmt: skip


def labelled(name: str, yes: str = "1", no: str = "0") -> tuple[dict[str, Any], np.ndarray]:
    """A file whose only candidate has this name, and whether it says yes."""
    columns = {own: values for own, values in customers().items() if own != "Churn"}
    says_yes = customers()["Churn"] == "Yes"
    return columns | {name: np.where(says_yes, yes, no)}, says_yes


def target_in(name: str, **request: Any) -> tuple[Detected, np.ndarray]:
    columns, says_yes = labelled(name)
    return detect(a_table(columns), TrainingRequest(**request)), says_yes


@pytest.mark.parametrize("name", LEFT)
def test_yes_in_a_column_about_leaving_means_left(name: str) -> None:
    detected, says_yes = target_in(name)
    assert (detected.target.column, detected.target.positive, detected.target.negative) == (name, "1", "0")
    assert (detected.churned == says_yes).all()


@pytest.mark.parametrize("name", STAYED)
def test_no_in_a_column_about_staying_means_left(name: str) -> None:
    detected, says_yes = target_in(name)
    assert (detected.target.column, detected.target.positive, detected.target.negative) == (name, "0", "1")
    assert (detected.churned == ~says_yes).all()


@pytest.mark.parametrize("name", ASKED_ABOUT)
def test_a_name_in_doubt_is_asked_about(name: str) -> None:
    with pytest.raises(ValueUnclear, match="means that the customer left") as asked:
        target_in(name)
    assert (asked.value.column, sorted(asked.value.values)) == (name, ["0", "1"])


@pytest.mark.parametrize("name", ABOUT_SOMETHING_ELSE)
def test_a_column_about_something_else_is_not_the_target(name: str) -> None:
    with pytest.raises(InvalidInput, match="no column that says who left") as refused:
        target_in(name)
    assert refused.value.field == "target"


@pytest.mark.parametrize(
    ("name", "positive"),
    [("is_active", "0"), ("renewal", "0"), ("is_customer", "0"), ("subscribed", "0"), ("inactive", "1")],
)
def test_a_column_that_a_person_names_as_the_target_is_read_by_its_name(name: str, positive: str) -> None:
    assert target_in(name, target=name)[0].target.positive == positive


@pytest.mark.parametrize("name", ["account_status", "flag", "x1", "churn_xyz"])
def test_yes_and_no_are_asked_about_where_the_name_says_nothing(name: str) -> None:
    with pytest.raises(ValueUnclear):
        target_in(name, target=name)
    detected, says_yes = target_in(name, target=name, positive="0")
    assert (detected.churned == ~says_yes).all()


@pytest.mark.parametrize(
    ("yes", "no", "left"),
    [
        ("Active", "Cancelled", "Cancelled"),
        ("aktiv", "gekündigt", "gekündigt"),
        ("activo", "baja", "baja"),
        ("Open", "Closed", "Closed"),
        ("Inactive", "Active", "Inactive"),
        ("Canceled", "Not_Canceled", "Canceled"),
        ("이탈", "유지", "이탈"),
        ("解約済み", "契約中", "解約済み"),
        ("ушёл", "активен", "ушёл"),
        ("İptal", "Aktif", "İptal"),
        ("Berhenti", "Aktif", "Berhenti"),
        ("Lapsed", "Inforce", "Lapsed"),
        ("Expired", "Active", "Expired"),
        ("wypowiedziana", "aktywna", "wypowiedziana"),
    ],
)
@pytest.mark.parametrize(
    "name", ["account_status", "estado_cliente", "Status klienta", "durum", "상태", "booking_status"]
)
def test_words_for_left_and_stayed_need_no_question(name: str, yes: str, no: str, left: str) -> None:
    columns, _ = labelled(name, yes, no)
    assert detect(a_table(columns), TrainingRequest()).target.positive == left


def test_two_ways_of_having_left_are_asked_about() -> None:
    columns, says_yes = labelled("subscription_status", "Expired", "Active")
    columns["subscription_status"] = np.where(
        says_yes & (np.arange(400) % 3 == 0), "Cancelled", columns["subscription_status"]
    )
    with pytest.raises(ValueUnclear, match="Expired"):
        detect(a_table(columns), TrainingRequest())


def test_the_state_of_a_country_is_not_asked_about() -> None:
    columns, says_yes = labelled("EmploymentStatus", "Voluntarily Terminated", "Active")
    columns["EmploymentStatus"] = np.where(
        says_yes & (np.arange(400) % 3 == 0), "Dismissed", columns["EmploymentStatus"]
    )
    with pytest.raises(ValueUnclear, match="EmploymentStatus"):
        detect(a_table({"State": np.where(np.arange(400) % 2, "TX", "MA")} | columns), TrainingRequest())


@pytest.mark.parametrize(("yes", "no"), [("True", "False"), ("Y", "N"), ("1", "-1"), ("ja", "nein"), ("1.0", "0.0")])
def test_both_directions_hold_for_every_spelling_of_yes(yes: str, no: str) -> None:
    for name, positive in (("Churned", yes), ("not_churned", no)):
        columns, _ = labelled(name, yes, no)
        assert detect(a_table(columns), TrainingRequest()).target.positive == positive


def test_a_known_target_comes_before_a_column_in_doubt() -> None:
    columns = customers() | {"IsActiveMember": np.arange(400) % 2, "churn_xyz": np.arange(400) % 2}
    assert detect(a_table(columns), TrainingRequest()).target.column == "Churn"


WORDS = ("churn", "churned", "retained", "active", "not", "is", "offer", "customer", "status", "before", "flag", "xyz")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True), st.sampled_from(["_", " ", "-"]))
def test_a_random_name_is_read_rightly_or_asked_about(words: list[str], joint: str) -> None:
    """Words about leaving or staying, turned around by "not": the only right answer, else a question or a refusal."""
    about_leaving = {"churn", "churned"} & set(words)
    says_left = bool(about_leaving) is not ("not" in words)
    try:
        detected, _ = target_in(joint.join(words))
    except InvalidInput:
        return
    assert not {"offer", "before", "xyz", "active"} & set(words)
    assert detected.target.positive == ("1" if says_left else "0")


def test_a_name_in_one_word_is_split() -> None:
    assert yes_means("notchurnedflag") is YesMeans.STAYED
    assert yes_means("churnlastmonth") is None
    assert yes_means("unchurnedxq") is None


ONLY_WITH_0_AND_1 = [
    "churn_probability", "Churn score", "churn_risk", "predicted_churn", "attrition_likelihood", "event", "Event flag",
    "indicator", "evento", "Ereignis", "événement", "событие", "事件", "イベント",
]  # fmt: skip


@pytest.mark.parametrize("name", ONLY_WITH_0_AND_1)
def test_a_column_of_0_and_1_is_asked_about_where_nothing_better_says_who_left(name: str) -> None:
    with pytest.raises(ValueUnclear, match="means that the customer left") as asked:
        target_in(name)
    assert (asked.value.column, set(asked.value.values)) == (name, {"0", "1"})
    detected, says_yes = target_in(name, target=name, positive="1")
    assert (detected.churned == says_yes).all()


@pytest.mark.parametrize("name", ONLY_WITH_0_AND_1)
def test_it_is_neither_offered_with_other_values_nor_next_to_a_better_column(name: str) -> None:
    columns, says_yes = labelled(name)
    shares = columns | {name: np.round(np.where(says_yes, 0.8, 0.3), 2)}
    with pytest.raises(InvalidInput) as refused:
        detect(a_table(shares), TrainingRequest())
    assert not isinstance(refused.value, ValueUnclear)
    better = detect(a_table(columns | {"Churn": customers()["Churn"]}), TrainingRequest())
    assert better.target.column == "Churn"
