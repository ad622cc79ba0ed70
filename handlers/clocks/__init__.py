"""What happens to those who wait because time goes by: one module a matter, each a unit the scheduler runs."""
