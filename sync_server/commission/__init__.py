"""What the server decides about commission, as pure functions; `sync_server.store` writes it."""
