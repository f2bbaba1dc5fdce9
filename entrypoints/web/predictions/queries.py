"""The result page's address: which customers, at which threshold, in which order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Request, url_for

from application.ports.results import AttributeFilter, CustomerQuery
from domain.errors import InvalidInput
from domain.prediction import RiskBand

PAGE = 25
SORTS = ("risk", "gain", "id", "row")


def query_from(request: Request, *, threshold: float, limit: int = PAGE) -> CustomerQuery:
    """Read the query parameters; what makes no sense is refused in words, what is absent takes its default."""
    args = request.args
    label = args.get("label", "")
    sort = args.get("sort", "risk")
    band = args.get("band", "")
    return CustomerQuery(
        threshold=_fraction(_percent(args.get("percent")) or args.get("threshold"), threshold),
        search=args.get("q", "").strip()[:200],
        likely={"leaving": True, "staying": False}.get(label),
        bands=(RiskBand(band),) if band in set(RiskBand) else (),
        action=args.get("action") or None,
        attributes=_attribute(request),
        sort=sort if sort in SORTS else "risk",
        descending=args.get("dir", "desc" if sort in ("risk", "gain") else "asc") == "desc",
        offset=(max(1, _whole(args.get("page"), 1)) - 1) * limit,
        limit=limit,
    )


def _attribute(request: Request) -> tuple[AttributeFilter, ...]:
    name = request.args.get("attr", "")
    if not name:
        return ()
    level = request.args.get("level")
    low, high = (_number(request.args.get(key)) for key in ("low", "high"))
    return (AttributeFilter(name, level=level or None, low=low, high=high),)


def _fraction(text: str | None, default: float) -> float:
    """A threshold: a fraction, or percent when it ends in %."""
    if not text:
        return default
    number = _number(text.rstrip("%"))
    if number is None:
        raise InvalidInput("A threshold is a number between 0 and 100 %.", field="threshold")
    number = number / 100 if text.endswith("%") else number
    if not 0.0 <= number <= 1.0:
        raise InvalidInput("A threshold lies between 0 and 100 %.", field="threshold")
    return number


def _percent(text: str | None) -> str | None:
    """What the slider sends: a bare number of percent."""
    return f"{text}%" if text else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else None
    except ValueError:
        return None
    return number if number is not None and abs(number) < 1e300 else None


def _whole(text: str | None, default: int) -> int:
    try:
        return min(int(text or default), 10_000_000)
    except ValueError:
        return default


@dataclass(frozen=True, slots=True)
class Address:
    """Makes the addresses of the result page around one query, leaving out what is the default."""

    run_id: str
    query: CustomerQuery
    stored_threshold: float

    def parameters(self) -> dict[str, str]:
        query = self.query
        found: dict[str, str] = {}
        if query.threshold != self.stored_threshold:
            found["threshold"] = repr(query.threshold)
        if query.search:
            found["q"] = query.search
        if query.likely is not None:
            found["label"] = "leaving" if query.likely else "staying"
        if query.bands:
            found["band"] = query.bands[0].value
        if query.action:
            found["action"] = query.action
        for chosen in query.attributes:
            found["attr"] = chosen.attribute
            found |= {"level": chosen.level} if chosen.level is not None else {}
            found |= {key: repr(v) for key, v in (("low", chosen.low), ("high", chosen.high)) if v is not None}
        if query.sort != "risk" or not query.descending:
            found |= {"sort": query.sort, "dir": "desc" if query.descending else "asc"}
        if query.offset:
            found["page"] = str(query.offset // query.limit + 1)
        return found

    def to(self, endpoint: str = "predictions.show", **extra: str) -> str:
        parameters = self.parameters() | extra
        url = url_for(endpoint, run_id=self.run_id)
        return f"{url}?{urlencode(parameters)}" if parameters else url

    def page(self, number: int) -> str:
        return Address(
            self.run_id, replace(self.query, offset=(number - 1) * self.query.limit), self.stored_threshold
        ).to()

    def without(self, *names: str) -> str:
        """The same view without a filter."""
        changes: dict[str, object] = {"offset": 0}
        changes |= {"attributes": ()} if "attribute" in names else {}
        changes |= {"threshold": self.stored_threshold} if "threshold" in names else {}
        return Address(self.run_id, replace(self.query, **changes), self.stored_threshold).to()  # type: ignore[arg-type]

    def sorted_by(self, name: str) -> str:
        descending = not self.query.descending if self.query.sort == name else name in ("risk", "gain")
        return Address(
            self.run_id, replace(self.query, sort=name, descending=descending, offset=0), self.stored_threshold
        ).to()

    def export(self, endpoint: str, **extra: str) -> str:
        """The same customers in a download: pages do not matter there."""
        whole = Address(self.run_id, replace(self.query, offset=0), self.stored_threshold)
        return whole.to(endpoint, **extra)

    def state(self, name: str) -> str:
        if self.query.sort != name:
            return ""
        return "descending" if self.query.descending else "ascending"
