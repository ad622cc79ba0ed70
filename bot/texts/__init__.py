"""Text messages: the outbox's letters to callers, through whatever service sends them."""
