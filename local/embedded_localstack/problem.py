"""What goes wrong in a way that the person at the terminal can do something about."""


class Problem(Exception):
    """Ends a command with exit code 1; its text is all that is printed."""
