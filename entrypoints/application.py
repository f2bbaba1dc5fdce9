"""The use cases that entrypoints call, grouped by area. `bootstrap.build` creates them."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.administration.read_clock import ReadClock
from application.use_cases.read_formats import ReadFormats
from application.use_cases.search.find_everything import FindEverything
from entrypoints.wiring.accounts import Accounts
from entrypoints.wiring.administration import Administration
from entrypoints.wiring.campaign_effects import CampaignEffects
from entrypoints.wiring.campaign_lists import CampaignLists
from entrypoints.wiring.campaign_outcomes import CampaignOutcomes
from entrypoints.wiring.campaigns import Campaigns
from entrypoints.wiring.do_not_contact import DoNotContact
from entrypoints.wiring.folders import Folders
from entrypoints.wiring.grading import Grading
from entrypoints.wiring.help import Help
from entrypoints.wiring.insights import Insights
from entrypoints.wiring.jobs import Jobs
from entrypoints.wiring.labels import Labels
from entrypoints.wiring.maintenance import Maintenance
from entrypoints.wiring.models import Models
from entrypoints.wiring.notices import Notices
from entrypoints.wiring.playbooks import Playbooks
from entrypoints.wiring.predictions import Predictions
from entrypoints.wiring.privacy import Privacy
from entrypoints.wiring.reports import Reports
from entrypoints.wiring.second_factor import SecondFactor


@dataclass(frozen=True, slots=True)
class Application:
    """All use cases: one field per area."""

    accounts: Accounts
    second_factor: SecondFactor
    predictions: Predictions
    grading: Grading
    reports: Reports
    folders: Folders
    help: Help
    insights: Insights
    playbooks: Playbooks
    do_not_contact: DoNotContact
    campaigns: Campaigns
    campaign_lists: CampaignLists
    campaign_effects: CampaignEffects
    campaign_outcomes: CampaignOutcomes
    models: Models
    labels: Labels
    administration: Administration
    privacy: Privacy
    jobs: Jobs
    maintenance: Maintenance
    now: ReadClock
    search: FindEverything
    notices: Notices
    formats_of: ReadFormats
