"""Words in names of columns that hold amounts, durations and counts, in several languages.

Such a column does not identify customers, even if its whole numbers all differ. All words are in lower case and without
accents (see `spelling.without_accents`).
"""

from __future__ import annotations

import re

from domain.vocabulary.spelling import plain_words, without_accents

_ENGLISH = re.compile(
    r"\b(amount|balance|income|revenue|salary|wage|arpu|charge|spen[dt]|bill|payment|paid|cost|price|limit|usage|used"
    r"|bytes|kb|mb|data|traffic|volume|minutes|seconds|duration|total|average|avg|mean|sum|value|score|credit|debt"
    r"|arrears|points|steps|distance|mileage|turnover|profit|wealth|earnings|savings|budget|consumption)"
    r"|\b(amt|qty|quantity|km|miles|met(er|re)s|hours|calls|sms|visits|clicks|views|orders|assets|sales|premium"
    r"|worth|rent|gmv|ltv|clv|cltv|gb)$"
)
_ELSEWHERE = re.compile(
    r"\b(saldo|import[eo]\b|monto|valor|renda|receita|faturamento|gasto|sueldo|salario|ingreso|consum|coste|precio"
    r"|preco|ahorro|deuda|divida|montant|solde|revenu|chiffre d|depense|consommation|prix|epargne|dette"
    r"|betrag|umsatz|guthaben|einkommen|gehalt|verbrauch|kosten|preis|gebuhr|schulden|fatturato|reddito|spesa|stipendio"
    r"|prezzo|omzet|bedrag|inkomen|verbruik|kwota|dochod|obrot|wartosc|oplata|koszt|zuzycie|zarobki|inkomst|belopp|gelir"
    r"|bakiye|ciro|tutar|ucret|maas|harcama|borc|pendapatan|tagihan|gaji|biaya|harga|thu nhap|so du|doanh thu"
    r"|доход|баланс|сумма|расход|зарплата|выручка|платеж|долг|остаток|стоимость|цена|потребление)"
    r"|금액|소득|매출|잔액|요금|사용량|金額|金额|年収|収入|收入|残高|余额|余额|消费|売上|料金|流量|الرصيد|الدخل|المبلغ"
)


def is_measure(name: str) -> bool:
    """Whether the name is that of an amount, a duration or a count: "Total charge", "Saldo", "Einkommen", "余额"."""
    words = plain_words(name).casefold()
    return _ENGLISH.search(words) is not None or _ELSEWHERE.search(without_accents(words)) is not None
