"""Value functions that are uploaded, used, replaced and removed, all at once."""

import asyncio
import gzip

import records
from actors.actor import Actor
from catalogue import Known, completion
from head_file import head_file
from references import reduced
from wire import Lost

# Contents by their number, for each model.
CONTENTS = {("tiny", number): head_file(number, 64, 64) for number in range(4)} | {
    ("smollm2", number): head_file(number, 576, 32, reward="none") for number in range(3)
}


def steered(model: str, number: int, tokens: int) -> Known:
    """What is asked of a content, under whatever name it is."""
    return completion(f"content {number} for {model}", "The best thing about", model=model, max_tokens=tokens, ignore_eos=True)


def known(model: str, number: int) -> Known:
    return steered(model, number, 150 if model == "tiny" else 12)


class HeadChanges(Actor):
    """One name: versions come and go while requests use them. Each request gets the version that it says, to its end, and that version's content."""

    kind = "changes of heads"
    pause = 1.5

    def __init__(self, soak, number):
        super().__init__(soak, number)
        self.name = f"soak-{number}"
        self.model = ("tiny", "smollm2")[number % 2]
        # Which content each version of the name has.
        self.versions: dict[int, int] = {}
        self.latest = 0

    async def act(self):
        users = []
        for _ in range(self.random.randrange(1, 4)):
            await self.put()
            users += [asyncio.create_task(self.use(self.random.random() < 0.3)) for _ in range(2)]
            await asyncio.sleep(self.random.uniform(0, 0.3))
        await self.download()
        if self.random.random() < 0.3:
            await self.remove()
        for used in await asyncio.gather(*users, return_exceptions=True):
            if isinstance(used, BaseException):
                raise used

    async def put(self):
        number = self.random.choice([number for model, number in CONTENTS if model == self.model])
        body, fields = CONTENTS[self.model, number], {}
        if self.random.random() < 0.4:
            body, fields = gzip.compress(body), {"Content-Encoding": "gzip"}
        answer = await self.ask("PUT", f"/admin/v1/heads/{self.name}", body, None, fields)
        if answer.status not in (200, 201):
            raise Lost(f"an upload is answered {answer.status}: {answer.body[:300]!r}")
        self.latest = answer.json()["version"]
        self.versions[self.latest] = number
        self.note(records.ANSWERED, answer.status, seconds=answer.seconds)

    async def use(self, names_version: bool):
        """Asks for an answer by the name, or by a version of it, on a connection of its own."""
        user = Actor(self.soak, 0)
        user.kind = self.kind
        before = dict(self.versions)
        reference = f"{self.name}@{self.latest}" if names_version else self.name
        entry = known(self.model, 0)
        answer = await user.ask("POST", entry.path, {**entry.body, "control": {"head": reference}})
        user.drop()
        if user.is_refused(answer):
            return
        if answer.status == 404 and answer.json()["error"]["code"] == "head_not_found" and self.is_gone(before):
            return self.note(records.REJECTED, 404)
        if answer.status != 200:
            raise Lost(f"a request for {reference} is answered {answer.status}: {answer.body[:300]!r}")
        document = answer.json()
        version = document["control"]["version"]
        # An upload that is not answered yet may be in use already.
        for _ in range(200):
            if version in self.versions or version in before:
                break
            await asyncio.sleep(0.05)
        number = self.versions.get(version, before.get(version))
        if number is None:
            raise Lost(f"the answer is of {self.name}@{version}, which nobody uploaded")
        self.soak.references.check(known(self.model, number).name, reduced(document))
        self.note(records.ANSWERED, 200, seconds=answer.seconds)

    def is_gone(self, before: dict[int, int]) -> bool:
        """Whether what was there may have been removed, or have made room for newer ones, since."""
        return self.versions != before

    async def download(self):
        version, number = self.latest, self.versions[self.latest]
        answer = await self.ask("GET", f"/admin/v1/heads/{self.name}?version={version}&download", None, None)
        if answer.status != 200 or answer.body != CONTENTS[self.model, number]:
            raise Lost(f"the download of {self.name}@{version} is {answer.status} and not what was uploaded")
        self.note(records.ANSWERED, 200, seconds=answer.seconds)

    async def remove(self):
        # From here on it may be gone.
        self.versions = {}
        answer = await self.ask("DELETE", f"/admin/v1/heads/{self.name}", None, None)
        if answer.status != 200:
            raise Lost(f"a removal is answered {answer.status}: {answer.body[:300]!r}")
        self.note(records.ANSWERED, 200, seconds=answer.seconds)
        after = await self.ask("GET", f"/admin/v1/heads/{self.name}", None, None)
        if after.status != 404:
            raise Lost(f"what was removed is answered {after.status}")


class WrongHeads(Actor):
    """Files that are no value functions, or none for these models."""

    kind = "wrong heads"
    pause = 4.0
    source = "127.0.0.4"

    async def act(self):
        good = head_file(1, 64, 16)
        body = self.random.choice((b"", b"x" * 5000, good[:-4], good[:200], head_file(1, 65, 16), good[:8] + b"[" * (len(good) - 8), b"\xff" * 4000))
        answer = await self.ask("PUT", "/admin/v1/heads/never", body, None)
        self.reject(answer, 400, "a wrong head")
