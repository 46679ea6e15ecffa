"""What the two HTTP APIs share; the other functions' packages don't hold it."""
