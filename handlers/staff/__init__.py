"""Colleagues at work on Telegram: their account, alarms, the staff group. Rights and rules are those of the console."""
