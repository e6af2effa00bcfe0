"""Pages for people: the same queries and the same store as the API, shown as HTML."""
