"""Brings the barista's clicks and the customer's cancellations back into the workflow."""
