"""Deploys stacks, receives their events and uses their pages: for tests, benchmark and pictures."""
