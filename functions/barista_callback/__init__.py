"""The staff's API: carries the barista's clicks into the workflow."""
