"""What people and CI run around the project; nothing in here reaches a device or a server."""
