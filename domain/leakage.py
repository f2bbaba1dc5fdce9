"""Leakage: when a column counts as one whose values are known only after a customer has left."""

from __future__ import annotations

from dataclasses import dataclass

MIN_LEAKING_AUC = 0.97
"""AUC of a single column on held-out rows from which it counts as leakage. Columns without leakage are far below
(IBM's best column reaches 0.74); a copy of the label with 2 % noise measures 0.98."""
MIN_ASKED_AUC = 0.90
"""The same from which a person is asked whether the column was known before the customer left. Drivers of rule-like
bases reach it too, so the figure alone does not decide."""
MIN_NAMED_LEAKING_AUC = 0.80
"""The same for a column with a suspicious name, such as another model's score. Genuine drivers with such a name
rarely reach it, and a person can still use them."""
MIN_SCORE_AUC = 0.65
"""AUC from which a column called like some model's score, such as "risk_score", is one of leaving. A bank's risk or a
customer's satisfaction ranks leavers less well, or the other way round."""
MAX_UNRELATED_AUC = 0.56
"""AUC up to which a column is unrelated to leaving, as parts of a file that were drawn at random are."""
MIN_LEAVER_SHARE = 0.98
"""Share of leavers among the filled (or the empty) cells from which a column counts as leakage. The rest are entries
that were made by mistake."""
MAX_CHURN_RATE = 0.9
"""Churn rate of the file from which cells of leavers alone say nothing: almost all cells are theirs."""
MIN_CELLS = 10
"""Filled (or empty) cells from which the share of leavers among them is no chance."""
MIN_FILLED_PER_LEAVER, MIN_EMPTY_PER_LEAVER = 1 / 20, 1 / 5
"""The same as a share of the leavers. A reason for leaving is given for some of them only, while an end date is missing
for all who stayed."""
MIN_CELLS_OF_VALUES = 30
"""Cells with other values than the usual one from which their being those of leavers is no chance."""
MAX_CHURN_RATE_OF_VALUES = 0.5
"""Churn rate of the file up to which such values are examined. Above it, a driver can mark leavers alone."""
MIN_EXPECTED_LEAVERS = 50
"""Expected leavers among the filled (or the empty) cells from which their absence is significant."""
MAX_ABSENT_SHARE = 1 / 200
"""Leavers among these cells, as a share of the expected ones, up to which they count as absent."""
MIN_USABLE_SHARE = 0.5
"""Share of filled cells from which values are used although the empty cells give the answer away. Of a column that is
mostly empty little is left to learn."""
MIN_USABLE_OF_A_CLASS = 10
"""Leavers, and stayers, among the filled cells that this needs. With fewer, the values cannot be checked."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The filled, or the empty, cells of a column, in a file of so many rows and leavers."""

    count: int
    leavers: int
    rows: int
    all_leavers: int

    @property
    def churn_rate(self) -> float:
        """Of the whole file."""
        return self.all_leavers / self.rows

    def are_of_leavers(self, *, per_leaver: float) -> bool:
        """Whether almost all are of customers who left, and at least `per_leaver` cells for each leaver."""
        enough = max(MIN_CELLS, int(self.all_leavers * per_leaver))
        return (
            self.churn_rate < MAX_CHURN_RATE and self.count >= enough and self.leavers / self.count >= MIN_LEAVER_SHARE
        )

    def are_values_of_leavers(self) -> bool:
        """Whether these cells, with other values than the usual one, are so many and so surely those of leavers.

        For example a refund that nobody who stayed received, or a line that is only blocked once the customer left.
        """
        return (
            self.churn_rate <= MAX_CHURN_RATE_OF_VALUES
            and self.count >= MIN_CELLS_OF_VALUES
            and self.are_of_leavers(per_leaver=MIN_EMPTY_PER_LEAVER)
        )

    def are_of_stayers(self) -> bool:
        """Whether leavers are absent among these cells although many are expected."""
        expected = self.churn_rate * self.count
        return expected >= MIN_EXPECTED_LEAVERS and self.leavers <= MAX_ABSENT_SHARE * expected

    def are_usable(self) -> bool:
        """Whether these filled cells are enough to learn from them alone."""
        fewer = min(self.leavers, self.count - self.leavers)
        return self.count >= MIN_USABLE_SHARE * self.rows and fewer >= MIN_USABLE_OF_A_CLASS


def ranks_too_well(auc: float, *, suspicious_name: bool) -> bool:
    """Whether a column that alone ranks held-out customers with this AUC counts as leakage."""
    return auc >= (MIN_NAMED_LEAKING_AUC if suspicious_name else MIN_LEAKING_AUC)


def must_be_asked_about(auc: float) -> bool:
    """Whether a column that is no leakage by its figures ranks so well alone that a person has to confirm it."""
    return auc >= MIN_ASKED_AUC


def is_unrelated(auc: float) -> bool:
    """Whether a column with this AUC on held-out rows is unrelated to leaving."""
    return auc <= MAX_UNRELATED_AUC
