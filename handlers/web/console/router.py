"""All of ``/console``, as one router for ``create_app``.

Two halves: what anybody may reach (signing in), and everything else, which the session gate of the whole half guards -
a new page is shut before anybody thinks of it.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends

from handlers.web.console import (
    agreement_routes,
    alarm_routes,
    answering_routes,
    appointment_routes,
    ask_routes,
    bulk_routes,
    call_acts,
    call_back_routes,
    call_routes,
    canned_routes,
    care_routes,
    certificate_routes,
    chain_routes,
    colleagues,
    conversation_routes,
    course_routes,
    disclosure_routes,
    draft_routes,
    duty_acts,
    duty_routes,
    events,
    export_routes,
    figure_routes,
    filter_routes,
    hand_over_routes,
    health_routes,
    incident_acts,
    incident_routes,
    keys,
    look_routes,
    matter_routes,
    mediation_acts,
    mediation_figures,
    mediation_joins,
    mediation_routes,
    month_routes,
    notice_routes,
    occasion_acts,
    occasion_routes,
    own_routes,
    paper_routes,
    poster_routes,
    proxy_routes,
    question_routes,
    queue_routes,
    redirect_routes,
    ring_back_routes,
    sign_in,
    telegram_routes,
    ticket_acts,
    ticket_routes,
    time_routes,
    unit_routes,
    volunteer_acts,
    volunteer_routes,
)
from handlers.web.console.gates import signed_in

PREFIX = "/console"
BEHIND_THE_GATE = (
    mediation_figures.router,  # before the pages of single cases, whose numbers stand in the same place
    sign_in.inside,
    own_routes.router,
    telegram_routes.router,
    queue_routes.router,
    filter_routes.router,
    bulk_routes.router,
    ticket_routes.router,
    ticket_acts.router,
    matter_routes.router,
    incident_routes.router,
    incident_acts.router,
    answering_routes.router,
    canned_routes.router,
    chain_routes.router,
    hand_over_routes.router,
    draft_routes.router,
    conversation_routes.router,
    call_back_routes.router,
    call_routes.router,
    call_acts.router,
    ring_back_routes.router,
    alarm_routes.router,
    duty_routes.router,
    duty_acts.router,
    time_routes.router,
    appointment_routes.router,
    care_routes.router,
    certificate_routes.router,
    volunteer_acts.router,
    volunteer_routes.router,
    course_routes.router,
    agreement_routes.router,
    paper_routes.router,
    mediation_routes.router,
    mediation_acts.router,
    mediation_joins.router,
    health_routes.router,
    occasion_routes.router,
    occasion_acts.router,
    redirect_routes.router,
    figure_routes.router,
    month_routes.router,
    export_routes.router,
    poster_routes.router,
    proxy_routes.router,
    question_routes.router,
    ask_routes.router,
    disclosure_routes.router,
    notice_routes.router,
    colleagues.router,
    look_routes.router,
    unit_routes.router,
    events.router,
    keys.router,
)


def console_router() -> APIRouter:
    """The console, of whichever app it is mounted in."""
    router = APIRouter(include_in_schema=False)
    router.include_router(sign_in.outside, prefix=PREFIX)
    for inner in BEHIND_THE_GATE:
        router.include_router(inner, prefix=PREFIX, dependencies=[Depends(signed_in)])
    return router
