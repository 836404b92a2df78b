"""`fieldbook demo --story`: at a key, the bank's systems tell of a customer who takes it all."""

import sys
import threading
from collections.abc import Sequence
from datetime import date
from urllib.request import Request, urlopen

from fieldbook.clock import now
from fieldbook.up import wait_until_up
from sync_server.demo import make_bank, story_customer
from sync_server.demo.seed import SEED
from sync_server.demo.story import story_files


def begin(url: str, token: str, made_for: date, today: date) -> None:
    """Once the server is up, wait for Enter, then tell it what has happened, as systems do."""
    bank = make_bank(SEED, made_for)
    lady = story_customer(bank)
    owner = next(one.name for one in bank.employees if one.id == lady.owner_id)

    def play() -> None:
        wait_until_up(url)
        print(f"\nThe story: press Enter here, and {lady.name}'s money leaves the bank.")
        print(f"Watch 今日 of {owner}: what is asked first, what follows.", flush=True)
        if not sys.stdin.readline():
            return
        try:
            tell(url, token, story_files(bank, today, now()))
        except OSError as error:
            print(f"The server did not take it in: {error}. Nothing was lost; start again.")
        else:
            print("Told. It is on the owner's device.", flush=True)

    threading.Thread(target=play, daemon=True).start()


def tell(url: str, token: str, files: Sequence[tuple[str, bytes]]) -> None:
    """Hand files in over HTTP, one after the other."""
    for kind, content in files:
        headers = {"authorization": f"Bearer {token}", "content-type": "text/csv"}
        address = f"{url}/v1/import/{kind}"
        asked = Request(address, content, headers, method="POST")  # noqa: S310 - our own server
        with urlopen(asked, timeout=30) as answer:  # noqa: S310
            answer.read()
