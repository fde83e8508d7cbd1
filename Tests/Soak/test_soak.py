"""The load test's own judgement, tried on what is known to be good and bad."""

import asyncio
import dataclasses
import unittest

from records import LOST, Records, percentile, summary
from references import References, joined, reduced
from verdict import Rest, judge
from wire import Lost, Wire, events

STILL = Rest(at=0, requests=0, rss=300 << 20, anonymous=270 << 20, file=30 << 20, descriptors=13, threads=12, connections=0, running=0, waiting=0,
             used_blocks=0, free_blocks=0, leftovers=0, load_average=1)


def rests(count: int = 11, **series) -> list[Rest]:
    """Rests a minute apart; what is given by a function of their number differs from one to the next."""
    return [
        dataclasses.replace(STILL, at=60.0 * number, **{name: function(number) for name, function in series.items()}) for number in range(count)
    ]


class VerdictTests(unittest.TestCase):
    def problems(self, found: list[Rest], warm_up: float = 120) -> list[str]:
        return judge(found, warm_up)[1]

    def test_what_stays_is_fine(self):
        self.assertEqual(self.problems(rests()), [])

    def test_noise_below_the_bound_is_fine(self):
        self.assertEqual(self.problems(rests(rss=lambda number: (300 << 20) + (number * 7 % 5) * (1 << 20))), [])

    def test_growth_within_the_warm_up_is_fine(self):
        self.assertEqual(self.problems(rests(rss=lambda number: (250 + 25 * min(number, 2)) << 20)), [])

    def test_a_steady_leak_is_found(self):
        self.assertIn("memory grew", self.problems(rests(rss=lambda number: (300 + number) << 20))[0])

    def test_a_leak_hidden_by_a_last_low_rest_is_found(self):
        found = rests(anonymous=lambda number: (270 + 2 * number) << 20 if number < 10 else 270 << 20)
        self.assertIn("anonymous grew", self.problems(found)[0])

    def test_a_jump_at_the_end_is_found(self):
        self.assertIn("memory grew", self.problems(rests(rss=lambda number: (300 if number < 10 else 310) << 20))[0])

    def test_descriptors_and_threads_that_stay_open_are_found(self):
        self.assertIn("descriptors", self.problems(rests(descriptors=lambda number: 13 + number))[0])
        self.assertIn("threads", self.problems(rests(threads=lambda number: 12 + 4 * number))[0])
        self.assertEqual(self.problems(rests(threads=lambda number: 12 + 5 * (number % 3))), [])

    def test_gauges_that_do_not_come_to_nought_are_found(self):
        for name in ("connections", "running", "waiting", "used_blocks", "leftovers"):
            self.assertIn(name, self.problems(rests(**{name: lambda number: int(number == 5)}))[0])

    def test_too_few_rests_say_nothing(self):
        self.assertIn("nothing can be said", self.problems(rests(4))[0])


class RecordTests(unittest.TestCase):
    def test_percentiles_are_values_that_occurred(self):
        values = [float(number) for number in range(1, 101)]
        self.assertEqual([percentile(values, part) for part in (0.5, 0.95, 0.99, 1)], [50, 95, 99, 100])
        self.assertEqual(percentile([3.0], 0.99), 3)
        self.assertIsNone(summary([]))

    def test_a_loss_is_counted_with_its_reason(self):
        records = Records()
        records.lose("streams", "gone", 1)
        self.assertEqual((records.outcomes["streams"][LOST], records.losses[0]["reason"], records.total), (1, "gone", 1))


class ReferenceTests(unittest.TestCase):
    def chunk(self, text: str, end: str | None = None) -> dict:
        return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": end}]}

    def whole(self, text: str) -> dict:
        return reduced({"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}],
                        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}})

    def test_another_answer_is_found(self):
        references = References()
        references.learn("a", self.whole("right"))
        references.check("a", self.whole("right"))
        with self.assertRaisesRegex(Lost, "righ"):
            references.check("a", self.whole("righ"))

    def test_a_stream_is_joined_to_the_whole(self):
        usage = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}
        self.assertEqual(joined([self.chunk("ri"), self.chunk("ght"), self.chunk("", "stop"), usage]), self.whole("right"))

    def test_a_stream_without_its_end_is_found(self):
        with self.assertRaisesRegex(Lost, "does not end"):
            joined([self.chunk("right")])


class WireTests(unittest.TestCase):
    """Answers as a server that errs would send them."""

    def read(self, data: bytes, as_events: bool = False):
        async def run():
            async def serve(_, writer):
                writer.write(data)
                await writer.drain()
                writer.close()
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            wire = await Wire.open(server.sockets[0].getsockname())
            try:
                if as_events:
                    return [event async for event in events(wire, await wire.head())]
                return (await wire.answer()).body
            finally:
                wire.close()
                server.close()
        return asyncio.run(run())

    CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    def test_whole_answers_are_read(self):
        self.assertEqual(self.read(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"), b"abc")
        self.assertEqual(self.read(self.CHUNKED + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"), b"abc")

    def test_answers_that_break_off_are_found(self):
        for data in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", self.CHUNKED + b"2\r\nab\r\n"):
            with self.assertRaises((EOFError, ConnectionError)):
                self.read(data)

    def test_answers_that_are_framed_wrongly_are_found(self):
        for data in (b"HTTP/1.1 200 OK\r\n\r\n", self.CHUNKED + b"2\r\nabc\r\n0\r\n\r\n", b"200 OK\r\n\r\n"):
            with self.assertRaises(Lost):
                self.read(data)

    def test_events_are_read_whole(self):
        self.assertEqual(self.read(self.CHUNKED + b"8\r\ndata: a\n\r\n1\r\n\n\r\n5\r\n: x\n\n\r\n9\r\ndata: b\n\n\r\n0\r\n\r\n", True), [b"a", b"b"])
        with self.assertRaisesRegex(Lost, "within an event"):
            self.read(self.CHUNKED + b"7\r\ndata: a\r\n0\r\n\r\n", True)


if __name__ == "__main__":
    unittest.main()
