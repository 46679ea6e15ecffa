"""What customers see: the two pages, the menu, and their own order."""
