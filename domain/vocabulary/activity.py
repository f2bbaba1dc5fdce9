"""Words in the names of columns about a customer's last activity, and about final bills."""

from __future__ import annotations

import re

from domain.vocabulary.columns import words_of

_LAST = re.compile(
    r"\b(last|latest|recent|letzt\w*|dernier\w*|derniere\w*|ultim[oa]\w*|últim[oa]\w*|laatste|ostatni\w*|sista|seneste|son)\b"
)
_ACTIVITY = re.compile(
    r"\b(activ\w*|aktiv\w*|call\w*|recharg\w*|top ?ups?|login|log ?in|logon|sign ?in|purchas\w*|pay\w*|paid|usage|used?"
    r"|seen|visit\w*|transact\w*|session|orders?|data|traffic|event|anruf|aufladung|zahlung|kauf|appel|paiement|recarga"
    r"|llamada|pago|compra|chiamata|ricarica|pagamento|chamada|betaling|aankoop|recharge)\b"
)
_NOT_A_DAY = re.compile(
    r"\b(days?|months?|weeks?|hours?|minutes?|amount|value|count|number|duration|score|type|channel)\b"
)
_FINAL = re.compile(r"\b(final|closing|exit|termination|cancel\w*|early termination|disconnection|etf)\b")
_BILL = re.compile(r"\b(bills?|invoices?|fees?|charges?|balance|payments?|settlement|amount|refunds?|etf)\b")


def names_last_activity(name: str) -> bool:
    """Whether the name is that of the day of a customer's last call, recharge, login, purchase or payment."""
    words = words_of(name)
    return bool(_LAST.search(words) and _ACTIVITY.search(words)) and _NOT_A_DAY.search(words) is None


def names_final_bill(name: str) -> bool:
    """Whether the name is that of an amount that only a customer who leaves is charged, such as an exit fee."""
    words = words_of(name)
    return _FINAL.search(words) is not None and _BILL.search(words) is not None
