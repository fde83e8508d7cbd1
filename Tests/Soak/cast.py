"""Who takes part in the load, and how many of each."""

from actors.disconnects import Disconnects
from actors.heads import HeadChanges, WrongHeads
from actors.hostile import Floods, MalformedChunks, MalformedHTTP, MalformedJSON, Oversizes
from actors.keys import LimitedKeys, Reloads, WrongKeys
from actors.many import Batches, Evaluations
from actors.requests import Bursts, Choices, ControlledStreams, FreshPrompts, Pipelines, Probes, Streams, TinyStreams, Vectors, Wholes
from actors.slow import IdleConnections, SlowBodies, SlowHeaders, SlowReaders, StalledReaders

CAST = {
    Streams: 3, ControlledStreams: 3, TinyStreams: 2, Wholes: 2, Choices: 1, FreshPrompts: 2, Vectors: 1, Bursts: 1, Pipelines: 1, Probes: 1,
    Disconnects: 3, SlowReaders: 2, StalledReaders: 2, SlowHeaders: 1, SlowBodies: 2, IdleConnections: 1,
    Oversizes: 1, MalformedJSON: 1, MalformedHTTP: 1, MalformedChunks: 1, Floods: 1,
    HeadChanges: 2, WrongHeads: 1, Evaluations: 1, Batches: 1, LimitedKeys: 1, WrongKeys: 1, Reloads: 1,
}
