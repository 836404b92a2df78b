"""A throttle: how often one address may try something that is worth guessing at."""

from dataclasses import dataclass, field

from shared.errors import refused


@dataclass(slots=True)
class Throttle:
    """At most `limit` tries of one key in `window_ms`; kept in memory, forgotten on restart."""

    limit: int
    window_ms: int
    tries: dict[str, list[int]] = field(default_factory=dict)

    def count(self, key: str, now: int) -> None:
        """Count a try, or refuse it and say how long to wait."""
        recent = [at for at in self.tries.get(key, ()) if now - at < self.window_ms]
        if len(recent) >= self.limit:
            wait = self.window_ms - (now - recent[0])
            refusal = refused("slow_down", wait_s=-(-wait // 1000))
            refusal.wait_s = -(-wait // 1000)
            raise refusal
        self.tries[key] = [*recent, now]
        if len(self.tries) > 10_000:
            self.tries.clear()

    def forgive(self, key: str, at: int) -> None:
        """Take a try back that was counted at `at`: it was a good one."""
        if at in self.tries.get(key, ()):
            self.tries[key].remove(at)
