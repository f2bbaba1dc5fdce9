"""The SQL of attributes of history. Its parts are made in this package: names such as v12, and whole numbers.

The table `past` has the columns id, m (the month as a number), rn (the row's number among all) and v0, v1 … for the
values; `batch` has the same columns for the rows that are asked about.
"""

from __future__ import annotations

CREATE = "CREATE TABLE past (id VARCHAR, m INTEGER, rn BIGINT{values})"
INSERT = "INSERT INTO past SELECT id, m, rn{values} FROM batch"
ONLY_FIRST = """
DELETE FROM past USING (
  SELECT id, min(rn) AS rn FROM past WHERE m = {month} GROUP BY id HAVING count(*) > 1
) AS first WHERE past.m = {month} AND past.id = first.id AND past.rn > first.rn
"""
DROP = "DELETE FROM past WHERE m = {month}"
OVERLAP = """
SELECT (SELECT count(*) FROM past WHERE m = {month}), count(DISTINCT id),
  count(DISTINCT id) FILTER (id IN (SELECT id FROM past WHERE m = {month}))
FROM batch
"""
JOINED = "SELECT {values} FROM batch b {joins} ORDER BY b.rn"
JOIN = "LEFT JOIN past p{lag} ON p{lag}.id = b.id AND p{lag}.m = b.m - {lag} AND p{lag}.m IN ({months})"
"""With the months as constants, the join skips all others."""
CHANGED = "b.v{place} <> p{lag}.v{place}"
CHANGE = "CASE WHEN isfinite(b.v{place} - p{lag}.v{place}) THEN b.v{place} - p{lag}.v{place} END"
SEEN = "CASE WHEN NOT ({full}) THEN NULL {seen} ELSE 0 END"
