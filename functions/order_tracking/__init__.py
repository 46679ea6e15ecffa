"""Keeps the order table in step with the workflow."""
