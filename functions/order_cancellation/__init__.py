"""Carries the customer's cancellations into the workflow."""
