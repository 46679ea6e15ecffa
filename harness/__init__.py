"""Deploys stacks, sends and hears events, and uses the pages: for tests, benchmark and pictures."""
