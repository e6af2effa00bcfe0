"""What is published here, in the words that others have for it."""
