"""Names and values of columns that earlier work with models left in a file: their scores, and splits of the rows."""

from __future__ import annotations

import re

from domain.vocabulary.spelling import bare_words, normalise, without_accents


def _words(text: str) -> frozenset[str]:
    return frozenset(without_accents(text).split())


_LEAVING = re.compile(
    without_accents(
        "churn|attrit|abwander|kundig|kuendig|cancel|abandon|evasao|fuga|baja|resili|disdett|opzeg|vertrek|odejsc|rezygn"
        "|odchod|uppsag|frafall|poistu|ayril|terk|kayip|iptal|berhenti|lemorzsol|отток|ухода|расторж|відт|流失|离网|離網|離脱"
        "|解約|離反|이탈|해지"
    )
)
_SCORE = re.compile(
    without_accents(
        "scor|prob(?!lem)|likelihood|propens|predict|risk|wahrschein|risik|neigung|prognos|vorhersag|riesg|risqu|rischi"
        "|risco|puntaj|puntuac|probab|predic|previs|kans|waarschijn|prawdopod|ryzyk|pravdepod|olasilik|skor|peluang"
        "|вероятн|риск|скор|прогноз|概率|機率|確率|风险|風險|评分|評分|得分|スコア|予測|预测|확률|위험|점수|예측"
    )
)
_SCORE_WORDS = frozenset({"p", "pred", "preds", "proba", "yhat", "logit", "decile"})
_STRONG = _words(
    "propensity probability prob proba pred preds predicted prediction predictions likelihood "
    "score scores scoring yhat logit decile wahrscheinlichkeit vorhersage prognose probabilidad "
    "prediccion puntuacion puntaje probabilite prediction probabilidade previsao probabilita "
    "previsione waarschijnlijkheid voorspelling prawdopodobienstwo predykcja olasilik tahmin skor "
    "вероятность прогноз скор оценка 概率 预测 评分 得分 確率 予測 スコア 확률 예측 점수"
)
_OF_MODELS = _STRONG | _words(
    "risk risiko riesgo risque rischio risco ryzyko риск 风险 model modelo modele modello ml "
    "ai ki ia final raw new old current calibrated output result value customer client p y hat v "
    "version xgb xgboost lgbm rf logreg gbm dl percentile rank quantile of the is de la do der "
    "des kunde kunden cliente klient 模型 客户 モデル 모델"
)
LEVELS_OF_RISK = _words(
    "high medium low veryhigh verylow mid moderate critical none hoch mittel niedrig gering alto "
    "medio bajo baixo basso media baja alta haut eleve moyen faible hoog laag midden wysoki "
    "sredni niski wysokie srednie niskie yuksek orta dusuk высокий средний низкий 高 中 低 높음 중간 낮음 "
    "h m l green yellow amber orange red yes no true false 0 1"
)
"""Values of a risk that a model or a rule gave, without accents and signs."""
_SPLIT_NAMES = _words("fold folds kfold cvfold cv split splits partition subset trainset")
_ROWS = _words("train training test testing holdout valid validation val oos oot")
_AROUND_SPLITS = (
    _SPLIT_NAMES
    | _ROWS
    | _words("data dataset set sample rows row id no nr num number index k is in of flag group customer")
)
_TRAINING = _words(
    "train training tr trainset trainingset trainingsdaten entrenamiento entrenar apprentissage "
    "entrainement treino treinamento addestramento treningowy uczacy trening egitim обучение "
    "обучающая тренировочная 训练 训练集 訓練 学習 학습 훈련"
)
_OTHER_ROWS = _words(
    "test testing valid validation val dev eval evaluation holdout hold-out oos oot testset "
    "testdaten validierung prueba validacion validation teste validacao prova validazione testowy "
    "walidacja тест тестовая валидация 测试 测试集 验证 験証 検証 テスト 검증 테스트 score scoring"
)


def names_score_of_leaving(name: str) -> bool:
    """Whether the name says that the column has another model's score of leaving: "churn_score", "p_churn"."""
    plain = without_accents(name)
    words = frozenset(bare_words(name))
    return _LEAVING.search(plain) is not None and (_SCORE.search(plain) is not None or bool(words & _SCORE_WORDS))


def names_score(name: str) -> bool:
    """Whether the name says that the column has a model's score, and not of what: "propensity", "risk_score"."""
    words = frozenset(word for word in bare_words(name) if not word.isdigit())
    return bool(words & _STRONG) and words <= _OF_MODELS


def names_split(name: str) -> bool:
    """Whether the name says that the column numbers the parts of a file: "fold", "cv_split"."""
    words = frozenset(word for word in bare_words(name) if not word.isdigit())
    return bool(words & _SPLIT_NAMES) and words <= _AROUND_SPLITS


def names_part(name: str) -> bool:
    """Whether the name says that the row is in one of two parts: "is_train", "holdout_flag"."""
    words = frozenset(bare_words(name))
    return bool(words & _ROWS) and words <= _AROUND_SPLITS and (len(words) > 1 or "holdout" in words)


def are_parts(values: tuple[str, ...]) -> bool:
    """Whether values divide rows for training from others: "train", "test", "valid"."""
    words = {normalise(without_accents(value)) for value in values}
    return words <= _TRAINING | _OTHER_ROWS and bool(words & _TRAINING) and bool(words - _TRAINING)


def are_levels_of_risk(values: tuple[str, ...]) -> bool:
    return {normalise(without_accents(value)) for value in values} <= LEVELS_OF_RISK
