"""Actors: who has changed something, as change log, history and synced rows name them."""


def is_job(actor: str) -> bool:
    """Whether an actor's name is that of a job, as `import:customers`, and not an employee's id."""
    return ":" in actor
