"""Routes that, surely understood, are something of their own and no answer to what is open."""

from __future__ import annotations

BESIDE_A_FORM = ("faq", "human", "ticket_status", "greeting", "disclosure", "activity", "out_of_scope")
"""No answer to a form's question: whoever asks is answered, and the form waits."""
BESIDE_A_QUESTION = ("faq", "human", "greeting", "ticket_status", "volunteer", "activity", "disclosure")
"""No answer to what staff asked about a ticket; a request or a quarrel may well be one."""
ABOUT_WHAT_IS_FILED = ("greeting", "ticket_status", "human")
"""Never another matter than those somebody was asked about."""
