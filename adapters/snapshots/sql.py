"""The SQL on the months of a base. Its parts are made in this package: names such as c12, whole numbers, quoted texts.

Every template reads `{rows}`, the Parquet files with the columns id, m (the month as a number), rn (the row's number in
all files), c0, c1 … (cells as text) and, for columns of days, d0, d1 … (days since 1970-01-01).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

SAME_ID = "ltrim(lower(translate(CASE WHEN ends_with(id, '.0') THEN left(id, -2) ELSE id END, '-_./ ', '')), '0')"
"""An id without what differs between spellings: case, separators, leading zeros and a trailing ".0"."""

PEOPLE = """
CREATE OR REPLACE TABLE people AS
SELECT id, bit_or({bit}) AS present, bit_or(CASE WHEN {gone} THEN {bit} ELSE 0 END)::UBIGINT AS gone,
  bit_or(CASE WHEN {unsaid} THEN {bit} ELSE 0 END)::UBIGINT AS unsaid, count(*) AS rows
FROM {rows} GROUP BY id
"""
PATTERNS = "SELECT present, gone, unsaid, count(*) FROM people GROUP BY ALL ORDER BY ALL"
_IN_ONE_MONTH_TWICE = "SEMI JOIN (SELECT id FROM people WHERE rows > bit_count(present)) USING (id)"
REPEATED = """
SELECT m, sum(n - 1)::BIGINT FROM (SELECT m, id, count(*) AS n FROM {rows} {twice} GROUP BY m, id)
GROUP BY m HAVING sum(n - 1) > 0 ORDER BY m
"""
REPEATS = """
CREATE OR REPLACE TABLE repeats AS SELECT rn FROM (
  SELECT rn, row_number() OVER (PARTITION BY id, m ORDER BY rn) AS n FROM {rows} {twice}
) WHERE n > 1
"""
COMPARE = """
SELECT count(*) FILTER (present & {earlier} > 0),
  count(*) FILTER (present & {earlier} > 0 AND present & {later} > 0),
  count(*) FILTER (present & {earlier} = 0 AND present & {later} > 0)
FROM people
"""
ALIKE = """
CREATE OR REPLACE TABLE alike AS
WITH spelled AS (SELECT id, present, hash({same_id}) AS same FROM people)
SELECT id, present, same FROM spelled
SEMI JOIN (SELECT same FROM spelled GROUP BY same HAVING count(*) > 1) USING (same)
"""
"""The customers whose id is that of another one in another spelling. Hashes are grouped ten times as fast as texts."""
RESPELLED = """
SELECT {what} FROM (
  SELECT same, min(id) AS a FROM alike WHERE present & {earlier} > 0 AND present & {later} = 0 GROUP BY same
) JOIN (
  SELECT same, min(id) AS b FROM alike WHERE present & {earlier} = 0 AND present & {later} > 0 GROUP BY same
) USING (same)
"""
IN_MONTH = "SELECT id, {value} AS v FROM {rows} WHERE m = {month} {more} GROUP BY id"
CHANGES = """
SELECT a.v, b.v, count(*) FROM ({earlier}) a JOIN ({later}) b USING (id)
GROUP BY a.v, b.v ORDER BY 3 DESC, 1, 2 LIMIT {most}
"""
FALLS = """
SELECT count(*), count(*) FILTER (b.v < a.v) FROM ({earlier}) a JOIN ({later}) b USING (id)
WHERE a.v IS NOT NULL AND b.v IS NOT NULL
"""
LOSS = """
SELECT count(DISTINCT id), count(DISTINCT id) FILTER (present & {later} = 0)
FROM {rows} JOIN people USING (id) WHERE m = {month} AND trim({cell}) = {value}
"""
DAYS = "SELECT m, {day}, count(*) FROM {rows} WHERE {day} IS NOT NULL GROUP BY ALL"
IDLE = """
WITH days AS (SELECT id, m, max({day}) AS day FROM {rows} WHERE {day} IS NOT NULL GROUP BY id, m),
followed AS (
  SELECT m, day, max(day) OVER (PARTITION BY id ORDER BY m ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS newest
  FROM days
)
SELECT m, greatest(ref - day, 0) AS gap, count(*), count(*) FILTER (m < {last}),
  count(*) FILTER (m < {last} AND newest > day)
FROM followed JOIN (VALUES {references}) AS r(m, ref) USING (m)
GROUP BY m, gap ORDER BY m, gap
"""
LABELS_BY_PATTERN = """
CREATE OR REPLACE TABLE patterns
  (present UBIGINT, gone UBIGINT, unsaid UBIGINT, labels UBIGINT, lefts UBIGINT)
"""
LABELLED = """
CREATE OR REPLACE TABLE labelled AS
SELECT id, labels, lefts FROM people JOIN patterns USING (present, gone, unsaid)
"""
LABELS_OF_ROWS = """
SELECT rn, ((lefts >> {bit}) & 1)::TINYINT FROM {rows} JOIN labelled USING (id) ANTI JOIN repeats USING (rn)
WHERE (labels >> {bit}) & 1 = 1 {drawn}
"""
"""With a constant {bit}, only the customers with a label in this month are looked up."""

OUTCOME_PATTERNS = "CREATE OR REPLACE TABLE patterns (present UBIGINT, gone UBIGINT, unsaid UBIGINT, left_then BOOLEAN)"
OUTCOMES_OF = """
CREATE OR REPLACE TABLE outcomes AS
SELECT id, left_then FROM people JOIN patterns USING (present, gone, unsaid)
"""
TREATED = "CREATE OR REPLACE TABLE treated AS SELECT id FROM treated_ids"
OUTCOMES = """
SELECT p, left_then, treated.id IS NOT NULL FROM {rows} rows JOIN outcomes USING (id) LEFT JOIN treated USING (id)
ANTI JOIN repeats USING (rn) ORDER BY rn
"""


def filled(template: str, **parts: object) -> str:
    """A template with its parts, none of which comes from a person unquoted."""
    return template.format(same_id=SAME_ID, twice=_IN_ONE_MONTH_TWICE, **parts)


def text(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def parquet(paths: Iterable[Path]) -> str:
    files = ", ".join(text(str(path.resolve())) for path in paths)
    return f"read_parquet([{files}], union_by_name = true)"


def pairs(numbers: Mapping[int, int]) -> str:
    return ", ".join(f"({int(key)}, {int(value)})" for key, value in numbers.items()) or "(NULL, NULL)"


def drawn(every: int) -> str:
    """A condition on one customer in so many, by a hash of the id."""
    return f"AND hash(id) % {int(every)} = 0" if every > 1 else ""
