"""Common names of columns in telecom files, and functions to look up a name.

Every name here is normalised (see `spelling.normalise`). Training, scoring, wording and erasing all use these lists.
Where the order matters, the likeliest name comes first.
"""

from __future__ import annotations

import re
from itertools import product

from domain.vocabulary.customers import names_customer
from domain.vocabulary.spelling import normalise, plain_words, without_accents
from domain.vocabulary.tenure import without_unit


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_COMMON_ID_NAMES = _names(
    "customerid id msisdn accountnumber subscriberid customernumber customerno custid custno customercode customer "
    "clientid clientnumber clientnum client accountid accountno account acctno subscriber userid memberid "
    "phonenumber mobilenumber contractid contractnumber simid imsi iccid"
)
_OWNERS = _names(
    "customer cust client account acct acc subscriber subscription subs sub user member phone mobile cell contract "
    "line sim"
)
_NUMBERS = _names("id no nr num number key ref")
CUSTOMER_ID_NAMES = tuple(dict.fromkeys((*_COMMON_ID_NAMES, *map("".join, product(_OWNERS, _NUMBERS)))))
"""Names of a column that identifies the customer, in order of preference."""

OTHER_ID_NAMES = frozenset(
    _names("phone email uuid guid customername surname lastname firstname name rownumber rowid row index no number")
)
"""Names of a column that tells rows or people apart, but does not identify the customer reliably.

Training leaves such a column out where nearly every customer has a different value. Scoring never suggests one as
the customer's id, and no customer is erased by one: a row number or a surname may belong to another customer.
"""

_LENGTHS = _names(
    "tenure customertenure accountlength accountage lengthofservice contractage subscriptionlength timeascustomer "
    "networkage antiguedad anciennete kundendauer vertragsdauer antiguidade accounttenure subscriptionage "
    "membershiplength membershipduration ageonnetwork aon timewithcompany tempocomocliente tempodecasa "
    "tempopermanencia tempodepermanencia tiempocomocliente dureeabonnement anzianita anzianitacliente staz "
    "stazklienta стаж стажклиента срокобслуживания 在网时长 入网时长 网龄 利用期間 継続期間 加入期間 契約月数 "
    "가입기간 가입경과월 이용기간 aboneliksuresi musteriliksuresi uyeliksuresi lamaberlangganan lamalangganan "
    "masaberlangganan"
)
_UNITS = _names("months inmonths month inmonth days indays day inday years inyears year inyear weeks inweeks")
_COUNTED = _names(
    "monthstenure monthsonbook monthswithcompany monthsactive monthsinservice monthsasacustomer monthsonnetwork "
    "months daystenure yearstenure dayswithcompany yearswithcompany daysasacustomer yearsasacustomer "
    "monthsascustomer yearsascustomer daysascustomer daysonbook daysinservice yearsinservice daysonnetwork "
    "yearsonnetwork mesesantiguedad antiguedadmeses antiguedaddias antiguedadanos anciennetemois anciennetejours "
    "vertragsdauermonate kundendauermonate kundendauertage kundendauerjahre"
)
TENURE_NAMES = tuple(dict.fromkeys((*_LENGTHS[:1], *map("".join, product(_LENGTHS, _UNITS)), *_COUNTED, *_LENGTHS)))
"""How long somebody has been a customer. "Customer age" is not among them: it usually is the person's age."""

MONTHLY_REVENUE_NAMES = _names(
    "monthlycharges monthlycharge monthlyrevenue arpu mrc monthlyrecurringcharge monthlyfee monthlybill "
    "monthlybillamount monthlyspend avgmonthlyrevenue averagemonthlyrevenue meanmonthlyrevenue monthlyamount "
    "monthlypayment avgmonthlycharge totalmonthlycharge revenue"
)
"""What a customer pays in a month."""

PAID_SO_FAR_NAMES = frozenset(_names("totalcharges totalcharge totalrevenue"))
"""What a customer has paid in total: tenure times the monthly bill."""

TARGET_NAMES = (
    _names("churn churned ischurn ischurned haschurned churnlabel churnflag churnvalue churnstatus"),
    _names("exited attrition attritionflag attrited left hasleft leaver isleaver churnyn"),
    (),
    _names(
        "customerstatus accountstatus subscriptionstatus subscriberstatus clientstatus linestatus contractstatus "
        "servicestatus membershipstatus cancelled canceled unsubscribed deactivated terminated target label"
    ),
    _names("status class y outcome"),
)
"""Names of the column that says who left, in tiers; the likeliest tier first."""
LEAVING_TIER = 2
"""The tier of longer names that say who left or stayed, such as "Churn in next 30 days" or "not_churned" (see
`leaving.yes_means`). Earlier tiers are unmistakable."""

INTERNET_NAMES = frozenset(_names("internetservice internettype internet"))
CONTRACT_NAMES = frozenset(_names("contract contracttype contractterm contractlength"))
PAYMENT_NAMES = frozenset(_names("paymentmethod paymenttype payment"))
GENDER_NAMES = frozenset(_names("gender sex"))
SERVICE_CALL_NAMES = frozenset(
    _names("custservcalls customerservicecalls numbercustomerservicecalls customercarecalls")
)

CHANGEABLE_NAMES = frozenset(
    _names(
        "contract monthlycharges monthlycharge techsupport premiumtechsupport onlinesecurity onlinebackup "
        "deviceprotection deviceprotectionplan paymentmethod paperlessbilling streamingtv streamingmovies "
        "multiplelines internationalplan intlplan voicemailplan vmailplan unlimiteddata"
    )
)
"""What the company can change for a customer."""

CUSTOMER_IDS = frozenset(CUSTOMER_ID_NAMES)
"""The same names as a set."""
_TENURES = frozenset(TENURE_NAMES)
_MONTHLY_REVENUES = frozenset(MONTHLY_REVENUE_NAMES)

_ID_WORD = re.compile(r"(^|\W)(id|number|no|phone|msisdn|key|code|index)$")
_KNOWN_AFTER_LEAVING = re.compile(r"\b(churn|attrit|cancel|deactiv|disconnect|unsubscri|exited)")


def words_of(name: str) -> str:
    """A column name in plain lower-case words."""
    return plain_words(name).casefold()


def is_customer_id(name: str) -> bool:
    """Whether a column of this name identifies the customer, in one of several languages."""
    return normalise(name) in CUSTOMER_IDS or names_customer(name)


def is_plain_customer_id(name: str) -> bool:
    """Whether it is called "id", or the id of a customer, account, subscriber, user or member."""
    own = normalise(name)
    return own == "id" or (
        own.endswith("id") and own.startswith(("cust", "client", "account", "sub", "user", "member"))
    )


def tells_rows_apart(name: str) -> bool:
    """Whether a column of this name identifies customers, people or rows, or ends in a word such as "key" or "code"."""
    own = normalise(name)
    return is_customer_id(name) or own in OTHER_ID_NAMES or _ID_WORD.search(words_of(name)) is not None


def is_tenure(name: str) -> bool:
    """Whether the column says how long somebody has been a customer: "Tenure in Months", "Ancienneté"."""
    return normalise(without_accents(name)) in _TENURES or without_unit(name) in _TENURES


def is_monthly_revenue(name: str) -> bool:
    return normalise(name) in _MONTHLY_REVENUES


def is_paid_so_far(name: str) -> bool:
    return normalise(name) in PAID_SO_FAR_NAMES


def is_changeable(name: str) -> bool:
    return normalise(name) in CHANGEABLE_NAMES


def suggests_leakage(name: str) -> bool:
    """Whether the name mentions leaving in any way, such as another model's score."""
    return _KNOWN_AFTER_LEAVING.search(words_of(name)) is not None
