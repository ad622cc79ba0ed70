"""The staff console: sign in, the queue, a ticket, conversations, alarms, and what went wrong."""

from handlers.web.console.router import console_router

__all__ = ["console_router"]
