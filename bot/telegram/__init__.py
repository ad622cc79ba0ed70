"""The Telegram channel: updates in, messages out, files fetched; what stock aiogram would lose is kept."""
