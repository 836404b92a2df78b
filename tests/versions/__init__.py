"""Old and new versions living together: what released versions wrote and said, held against now."""
