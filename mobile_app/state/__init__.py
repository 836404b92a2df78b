"""State: what the screens read and the verbs they call; the only place that assigns it."""
