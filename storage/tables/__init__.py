"""Every table. One aggregate, one module of units beside this package; here is only the shape.

Names are the glossary's. Instants are UTC. Whatever is append-only says so.
"""

from __future__ import annotations

from storage.tables.base import metadata
from storage.tables.community import buildings, communities, flats, phrases
from storage.tables.course import (
    mediation_agreements,
    mediation_asks,
    mediation_extensions,
    mediation_papers,
    mediation_reminders,
    mediation_sessions,
    mediation_visits,
)
from storage.tables.desk import answer_drafts, saved_filters, ticket_grams, ticket_viewers
from storage.tables.disclosure import disclosure_asks, disclosure_events, disclosure_items
from storage.tables.figures import exports, figure_days, figure_remarks, ticket_figures
from storage.tables.hotline import calls, ring_back_tries, ring_backs, telephone_events
from storage.tables.machinery import facts, leases
from storage.tables.mediation import (
    mediation_blobs,
    mediation_events,
    mediation_parties,
    mediation_releases,
    mediation_seen,
    mediation_words,
    mediations,
    staff_homes,
)
from storage.tables.notices import notice_recipients, notices, quiet_hours, subscriptions
from storage.tables.occasions import occasion_entries, occasion_events, occasion_swaps, occasions
from storage.tables.staff import (
    audit,
    recovery_codes,
    sign_in_links,
    sign_in_tries,
    staff,
    staff_devices,
    staff_scopes,
    staff_sessions,
)
from storage.tables.talk import alarms, answers, appointments, care_entries, care_notes, conversations, drafts
from storage.tables.tickets import (
    call_backs,
    claim_tries,
    promise_notices,
    redirects,
    ticket_barred,
    ticket_blobs,
    ticket_days,
    ticket_events,
    ticket_followers,
    tickets,
)
from storage.tables.traffic import blobs, deliveries, inbox, messages, outbox
from storage.tables.volunteering import (
    certificates,
    number_days,
    volunteer_claims,
    volunteer_events,
    volunteer_hours,
    volunteer_invitations,
    volunteers,
)
from storage.tables.who import chats, consents, deletions, pass_codes, proxies, proxy_events, residents, web_sessions
from storage.tables.work import extension_asks, hand_overs, ticket_units, units

__all__ = [
    "alarms",
    "answer_drafts",
    "answers",
    "appointments",
    "audit",
    "blobs",
    "buildings",
    "call_backs",
    "calls",
    "care_entries",
    "care_notes",
    "certificates",
    "chats",
    "claim_tries",
    "communities",
    "consents",
    "conversations",
    "deletions",
    "deliveries",
    "disclosure_asks",
    "disclosure_events",
    "disclosure_items",
    "drafts",
    "exports",
    "extension_asks",
    "facts",
    "figure_days",
    "figure_remarks",
    "flats",
    "hand_overs",
    "inbox",
    "leases",
    "mediation_agreements",
    "mediation_asks",
    "mediation_blobs",
    "mediation_events",
    "mediation_extensions",
    "mediation_papers",
    "mediation_parties",
    "mediation_releases",
    "mediation_reminders",
    "mediation_seen",
    "mediation_sessions",
    "mediation_visits",
    "mediation_words",
    "mediations",
    "messages",
    "metadata",
    "notice_recipients",
    "notices",
    "number_days",
    "occasion_entries",
    "occasion_events",
    "occasion_swaps",
    "occasions",
    "outbox",
    "pass_codes",
    "phrases",
    "promise_notices",
    "proxies",
    "proxy_events",
    "quiet_hours",
    "recovery_codes",
    "redirects",
    "residents",
    "ring_back_tries",
    "ring_backs",
    "saved_filters",
    "sign_in_links",
    "sign_in_tries",
    "staff",
    "staff_devices",
    "staff_homes",
    "staff_scopes",
    "staff_sessions",
    "subscriptions",
    "telephone_events",
    "ticket_barred",
    "ticket_blobs",
    "ticket_days",
    "ticket_events",
    "ticket_figures",
    "ticket_followers",
    "ticket_grams",
    "ticket_units",
    "ticket_viewers",
    "tickets",
    "units",
    "volunteer_claims",
    "volunteer_events",
    "volunteer_hours",
    "volunteer_invitations",
    "volunteers",
    "web_sessions",
]
