"""Registers the routes of campaigns."""

from __future__ import annotations

from entrypoints.web.campaigns import assigning, cards, directing, effect, exports, members, outcomes
from entrypoints.web.campaigns.area import area

__all__ = ["area", "assigning", "cards", "directing", "effect", "exports", "members", "outcomes"]
