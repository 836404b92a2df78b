"""Queries: everything the screens ask of the device, answered locally in milliseconds."""

from mobile_app.store.queries.advice import AdviceQueries
from mobile_app.store.queries.alerts import AlertQueries
from mobile_app.store.queries.around import AroundQueries
from mobile_app.store.queries.business import BusinessQueries
from mobile_app.store.queries.cases import CaseQueries
from mobile_app.store.queries.collaborators import CollaboratorQueries
from mobile_app.store.queries.day import DayQueries
from mobile_app.store.queries.field import FieldQueries
from mobile_app.store.queries.plans import PlanQueries
from mobile_app.store.queries.prospects import ProspectQueries
from mobile_app.store.queries.referrals import ReferralQueries
from mobile_app.store.queries.roll import RollQueries
from mobile_app.store.queries.service import ServiceQueries
from mobile_app.store.queries.standing import StandingQueries
from mobile_app.store.queries.timeline import TimelineQueries
from mobile_app.store.queries.work import WorkQueries
from mobile_app.store.queries.worth import WorthQueries


class Queries(
    CollaboratorQueries,
    TimelineQueries,
    DayQueries,
    FieldQueries,
    BusinessQueries,
    WorkQueries,
    CaseQueries,
    ReferralQueries,
    RollQueries,
    ProspectQueries,
    PlanQueries,
    WorthQueries,
    AlertQueries,
    AdviceQueries,
    AroundQueries,
    StandingQueries,
    ServiceQueries,
):
    """All of them, over one mirror and one outbox."""
