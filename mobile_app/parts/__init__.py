"""Parts: the small controls that every screen is made of."""
