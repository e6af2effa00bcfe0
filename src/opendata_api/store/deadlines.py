"""How long a database may take, the same for both."""

STATEMENT_S = 1.0
"""A read is stopped after this."""
EXPORT_S = 10.0
"""A batch of an export is stopped after this."""
GRACE_S = 0.2
"""So much later than the server's own limit ours stops a read that the server did not."""
CONNECT_S = 1.0
"""A connection, or a free place for one, is waited for no longer."""
WATCH_S = 0.5
"""So often a new release is looked for."""
VERIFY_S = 600.0
"""So often a file that is served is held to its hash again."""
RETRY_AFTER_S = 5
"""What a caller is told to wait."""
