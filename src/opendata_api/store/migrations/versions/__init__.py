"""The layouts in order."""
