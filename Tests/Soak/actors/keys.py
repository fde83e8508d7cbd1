"""API keys: their limits, and their replacement while the server runs."""

import asyncio

import records
from actors.actor import Actor
from catalogue import tiny
from wire import Lost


class LimitedKeys(Actor):
    """Asks for more than its key may have: answered, or told when to come again."""

    kind = "limited keys"
    pause = 2.0

    async def act(self):
        known = [entry for entry in tiny() if entry.name in ("tiny: short", "tiny: seeded", "tiny: long")]
        clients = [LimitedKey(self.soak, number) for number in range(self.random.randrange(1, 5))]
        await asyncio.gather(*(client.single(self.random.choice(known)) for client in clients))


class LimitedKey(Actor):
    """One request of it."""

    kind = "limited keys"

    async def single(self, known):
        self.known = known
        await self.once()
        self.drop()

    async def act(self):
        await self.ask_known(self.known, "limited")


class WrongKeys(Actor):
    """No key, a wrong one, and one that may not use the model."""

    kind = "wrong keys"
    pause = 2.0

    async def act(self):
        body = {"model": "smollm2", "prompt": "x", "max_tokens": 1}
        key, status = self.random.choice(((None, 401), ("sk-rudder-wrong", 401), ("x" * 5000, 401), ("tiny", 403)))
        answer = await self.ask("POST", "/v1/completions", body, key)
        self.reject(answer, status, "a key that may not")


class Reloads(Actor):
    """Replaces a key in the file and has the server read it: the new one works soon, the old one no more, and nobody else notices."""

    kind = "reloads"
    pause = 12.0

    async def act(self):
        program = self.soak.program
        old = program.keys.get("rotating")
        await asyncio.to_thread(program.add_key, "rotating")
        program.write_keys()
        program.reload()
        for _ in range(200):
            answer = await self.ask("GET", "/v1/models", None, "rotating")
            if answer.status == 200:
                break
            await asyncio.sleep(0.1)
        else:
            raise Lost("a new key does not work within 20 s of SIGHUP")
        if old is not None and (await self.ask("GET", "/v1/models", None, old)).status != 401:
            raise Lost("a key that was replaced still works")
        self.note(records.ANSWERED, 200, seconds=answer.seconds)
