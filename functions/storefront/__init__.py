"""What customers see: the pages, the menu, and their own order."""
