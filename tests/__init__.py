"""What must hold, in sentences of the domain."""
