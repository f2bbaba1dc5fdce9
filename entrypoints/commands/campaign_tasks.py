"""Work on campaigns, which a command does itself instead of waiting for a worker."""

from __future__ import annotations

from domain.campaign import CampaignId
from domain.errors import NotFound
from domain.run import JobState
from domain.task import Task, TaskId
from entrypoints.commands.console import Context, bar, fail


def do_task(obj: Context, task_id: TaskId, title: str) -> Task:
    """Do a queued task with a progress bar. Ends the command if the task fails."""
    with bar(title) as progress:
        ended = obj.application.campaigns.run_task(task_id, progress=progress)
    if ended is None:
        fail("Another process works on this campaign. Wait until it is done, and try again.")
    if ended.state is not JobState.DONE:
        fail(ended.error or "The work was stopped; nothing was changed.")
    return ended


def do_latest_task(obj: Context, campaign_id: CampaignId, title: str) -> Task:
    """Do the task that a use case has just asked for."""
    task = obj.application.campaigns.open_campaign(campaign_id, by=obj.operator.account).task
    if task is None:
        raise NotFound("There is nothing to do for this campaign.")
    return do_task(obj, task.id, title)
