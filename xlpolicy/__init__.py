"""Municipal industrial policy as data."""
