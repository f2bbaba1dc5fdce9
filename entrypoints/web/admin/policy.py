"""The settings of the installation, and the economics, which managers can also change."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from flask import Response, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission, RegistrationPolicy, Role
from domain.economics import ThresholdStrategy
from domain.errors import InvalidInput
from domain.policy import InstallationPolicy
from domain.prediction import BandLimits
from domain.recommendation import Economics
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.admin.area import area
from entrypoints.web.admin.forms import EconomicsForm, SettingsForm, domains_in
from entrypoints.web.admin.responses import done
from entrypoints.web.form_errors import show_error
from entrypoints.web.formats import policy
from entrypoints.web.htmx import render_page

MEGABYTE = 1_000_000
SAVED = "The settings were saved. New predictions and models use them."


@area.route("/settings", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def settings() -> Response | WerkzeugResponse:
    now = policy()
    form = SettingsForm(data=_shown(now))
    if form.validate_on_submit():
        try:
            application().administration.change_settings(_chosen(form, now), by=actor())
        except InvalidInput as error:
            show_error(form, error)
        else:
            return done(SAVED, url_for("admin.settings"), "installation_settings")
    status = 422 if form.is_submitted() else 200
    return render_page("admin/settings.html", fragment="installation_settings", status=status, form=form)


@area.route("/economics", methods=["GET", "POST"])
@allow(Permission.SET_ECONOMICS)
def economics() -> Response | WerkzeugResponse:
    form = EconomicsForm(data=_economics_shown(policy().economics))
    whole = person().can(Permission.ADMINISTER)
    if form.validate_on_submit():
        application().administration.change_economics(_economics_chosen(form), by=actor())
        return done(SAVED, url_for("admin.economics"), "economics_settings")
    status = 422 if form.is_submitted() else 200
    return render_page("admin/economics.html", fragment="economics_settings", status=status, form=form, whole=whole)


def _shown(now: InstallationPolicy) -> dict[str, object]:
    return {
        "currency": now.currency,
        "time_zone": now.time_zone,
        "medium": _percent(now.bands.medium),
        "high": _percent(now.bands.high),
        "critical": _percent(now.bands.critical),
        "registration": now.registration.value,
        "allowed_domains": ", ".join(now.allowed_domains),
        "second_factor_roles": [role.value for role in now.second_factor_roles],
        "retention_days": now.retention_days,
        "upload_megabytes": max(1, now.upload_limit // MEGABYTE),
        "contact_list_rows": now.contact_list_rows,
        "threshold_strategy": now.threshold_strategy.value,
        "threshold_target": None if now.threshold_target is None else _percent(now.threshold_target),
    }


def _chosen(form: SettingsForm, now: InstallationPolicy) -> InstallationPolicy:
    limit = (form.upload_megabytes.data or 1) * MEGABYTE
    unchanged = form.upload_megabytes.data == now.upload_limit // MEGABYTE
    target = form.threshold_target.data
    return replace(
        now,
        currency=(form.currency.data or "").upper(),
        time_zone=form.time_zone.data,
        bands=BandLimits(_share(form.medium.data), _share(form.high.data), _share(form.critical.data)),
        registration=RegistrationPolicy(form.registration.data),
        allowed_domains=domains_in(form.allowed_domains.data or ""),
        second_factor_roles=tuple(Role(name) for name in form.second_factor_roles.data or ()),
        retention_days=form.retention_days.data,
        upload_limit=now.upload_limit if unchanged else limit,
        contact_list_rows=form.contact_list_rows.data or 1,
        threshold_strategy=ThresholdStrategy(form.threshold_strategy.data),
        threshold_target=None if target is None else _share(target),
    )


def _economics_shown(now: Economics) -> dict[str, object]:
    return {
        "customer_value": _plain(now.customer_value),
        "margin": _percent(now.margin),
        "value_months": _plain(now.value_months),
        "offer_cost": _plain(now.offer_cost),
        "contact_cost": _plain(now.contact_cost),
        "save_rate": _percent(now.save_rate),
    }


def _economics_chosen(form: EconomicsForm) -> Economics:
    return Economics(
        customer_value=float(form.customer_value.data or 0),
        margin=_share(form.margin.data),
        value_months=float(form.value_months.data or 0),
        offer_cost=float(form.offer_cost.data or 0),
        contact_cost=float(form.contact_cost.data or 0),
        save_rate=_share(form.save_rate.data),
    )


def _percent(share: float) -> Decimal:
    """A fraction as a percentage, 0.25 as 25, without floating-point noise."""
    return _plain(round(share * 100, 6))


def _plain(value: float) -> Decimal:
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return Decimal(text)


def _share(percent: Decimal | None) -> float:
    return float((percent or Decimal(0)) / 100)
