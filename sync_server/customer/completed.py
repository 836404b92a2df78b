"""What follows from a customer's other fields, made anew whenever one of them changes."""

from shared.registry import Document, Entity


def completed(entity: Entity, document: Document) -> Document:
    """Return the document with what the server works out of it; others come back as they are."""
    if entity.name != "customer":
        return document
    from sync_server.customer.initials import initials  # its dictionary takes 0.2 s and is rare

    return {**document, "initials": initials(str(document["name"]))}
