/// Every key of the configuration, declared once. `Config/rudder.yaml` lists the same keys with the same defaults; a test holds the two together.
package enum ConfigurationSchema {
    // Where the server listens.
    package static let host = ConfigurationKey<String>.text(
        "server.host",
        default: "127.0.0.1",
        "Address to listen on; 0.0.0.0 or :: for all of them"
    )
    package static let port = ConfigurationKey<Int>.integer(
        "server.port",
        default: 8080,
        in: 0...65_535,
        "Port to listen on; 0 picks a free one"
    )
    package static let drainSeconds = ConfigurationKey<Int>.integer(
        "server.drain_seconds",
        default: 30,
        in: 0...86_400,
        "How long running generations may go on after SIGTERM or SIGINT"
    )
    package static let drainIdleSeconds = ConfigurationKey<Int>.integer(
        "server.drain_idle_seconds",
        default: 2,
        in: 0...3_600,
        "How long connections without a request stay open then"
    )
    package static let headerTimeout = ConfigurationKey<Int>.integer(
        "server.header_timeout_seconds",
        default: 10,
        in: 1...3_600,
        "How long a client may take to send a request's header"
    )
    package static let bodyTimeout = ConfigurationKey<Int>.integer(
        "server.body_timeout_seconds",
        default: 30,
        in: 1...3_600,
        "How long a client may pause within a request's body"
    )
    package static let minimumBodyRate = ConfigurationKey<Int>.integer(
        "server.minimum_body_rate",
        default: 500,
        in: 0...1_000_000_000,
        "Bytes a second with which a body has to come on the whole, beyond the pause it may make; 0: any"
    )
    package static let requestTimeout = ConfigurationKey<Int>.integer(
        "server.request_timeout_seconds",
        default: 0,
        in: 0...86_400,
        "How long a request may take from its header to the end of its answer; 0: any time"
    )
    package static let idleTimeout = ConfigurationKey<Int>.integer(
        "server.idle_timeout_seconds",
        default: 75,
        in: 1...86_400,
        "How long a connection is kept open between requests"
    )
    package static let writeTimeout = ConfigurationKey<Int>.integer(
        "server.write_timeout_seconds",
        default: 30,
        in: 1...3_600,
        "How long a client may take no data before its request is cancelled"
    )

    // TLS.
    package static let certificate = ConfigurationKey<String>.text(
        "tls.certificate",
        default: "",
        "File of the certificate and of those that vouch for it, in PEM; empty: no TLS"
    )
    package static let certificateKey = ConfigurationKey<String>.text(
        "tls.key",
        default: "",
        "File of the certificate's private key, in PEM, without a passphrase"
    )
    package static let clientAuthorities = ConfigurationKey<String>.text(
        "tls.client_authorities",
        default: "",
        "File of the authorities whose client certificates are accepted, in PEM; empty: clients are not asked for one"
    )

    // Who may use it.
    package static let keysFile = ConfigurationKey<String>.text(
        "access.keys_file",
        default: "",
        "File of API keys, each with its limits; empty: anybody may use /v1"
    )
    package static let openAccess = ConfigurationKey<Bool>.flag(
        "access.open",
        default: false,
        "Whether the server may listen where other machines reach it although no API keys are asked for"
    )
    package static let origins = ConfigurationKey<[String]>(
        "access.origins",
        default: "",
        expectation: "origins separated by commas, as https://app.example.com, or *",
        summary: "Origins whose pages may use the server (CORS); empty: its own only"
    ) { OriginPolicy.origins($0) }

    // The admin API.
    package static let adminCertificate = ConfigurationKey<Bool>.flag(
        "admin.client_certificate",
        default: false,
        "Whether the admin API asks for a client certificate, besides the token where there is one"
    )
    package static let adminToken = ConfigurationKey<String>.text(
        "admin.token",
        default: "",
        "Bearer token of the admin API, or its hash; empty, and no client certificate asked for: on loopback only",
        isSecret: true
    )
    package static let adminTokenFile = ConfigurationKey<String>.text(
        "admin.token_file",
        default: "",
        "File that holds the token or its hash, in its place; several on lines of their own"
    )

    // The playground.
    package static let playground = ConfigurationKey<Bool>.flag(
        "playground.enabled",
        default: true,
        "Whether / and /server are pages for a browser"
    )

    // What is served.
    package static let threads = ConfigurationKey<Int>.integer(
        "engine.threads",
        default: 0,
        in: 0...1_024,
        "Compute threads, divided among the workers; 0: one for each core"
    )
    package static let prefixCache = ConfigurationKey<Bool>.flag(
        "engine.prefix_cache",
        default: true,
        "Whether requests that begin alike share the keys and values of what they have in common"
    )

    // Limits.
    package static let connections = ConfigurationKey<Int>.integer(
        "limits.connections",
        default: 1_024,
        in: 1...1_000_000,
        "Open connections"
    )
    package static let connectionsPerAddress = ConfigurationKey<Int>.integer(
        "limits.connections_per_address",
        default: 256,
        in: 1...1_000_000,
        "Open connections of one address"
    )
    package static let headerBytes = ConfigurationKey<Int>.integer(
        "limits.header_bytes",
        default: 32_768,
        in: 1_024...1_048_576,
        "Size of a request's header"
    )
    package static let bodyBytes = ConfigurationKey<Int>.integer(
        "limits.body_bytes",
        default: 4_194_304,
        in: 1_024...1_073_741_824,
        "Size of a request's body, or of one line of an evaluation or a batch, also when unpacked"
    )
    package static let uploadBytes = ConfigurationKey<Int>.integer(
        "limits.upload_bytes",
        default: 268_435_456,
        in: 1_024...1_073_741_824,
        "Size of an uploaded value function, also when unpacked"
    )
    package static let running = ConfigurationKey<Int>.integer(
        "limits.running",
        default: 16,
        in: 1...1_024,
        "Answers that one worker generates at once"
    )
    package static let queued = ConfigurationKey<Int>.integer(
        "limits.queued",
        default: 256,
        in: 0...100_000,
        "Answers that wait for a worker, those of all models together; beyond it: 429"
    )
    package static let promptTokens = ConfigurationKey<Int>.integer(
        "limits.prompt_tokens",
        default: 0,
        in: 0...10_000_000,
        "Tokens of each prompt; 0: what the context holds"
    )
    package static let maximumTokens = ConfigurationKey<Int>.integer(
        "limits.max_tokens",
        default: 0,
        in: 0...10_000_000,
        "Tokens that may be generated for one answer; a request has n answers to each of its prompts; 0: what the context holds"
    )
    package static let temperature = ConfigurationKey<Double>.number(
        "limits.temperature",
        default: 2,
        above: 0,
        to: 2,
        "Highest temperature"
    )
    package static let choices = ConfigurationKey<Int>.integer(
        "limits.n",
        default: 16,
        in: 1...1_024,
        "Most answers to each prompt of a request, also of best_of"
    )
    package static let stopStrings = ConfigurationKey<Int>.integer(
        "limits.stop",
        default: 16,
        in: 0...1_024,
        "Most stop strings of one request"
    )
    package static let logprobs = ConfigurationKey<Int>.integer(
        "limits.logprobs",
        default: 20,
        in: 0...1_000,
        "Most alternatives whose log-probability is reported at each token"
    )
    package static let capturedStates = ConfigurationKey<Int>.integer(
        "limits.captured_states",
        default: 1_024,
        in: 0...1_000_000,
        "Most hidden states that are reported for one request"
    )
    package static let tracedTokens = ConfigurationKey<Int>.integer(
        "limits.traced_tokens",
        default: 65_536,
        in: 0...100_000_000,
        "Most tokens that one request may have traced, in all of its answers"
    )
    package static let steps = ConfigurationKey<Int>.integer(
        "limits.steps",
        default: 1_000,
        in: 0...1_000,
        "Most gradient steps at each token"
    )
    package static let stepSize = ConfigurationKey<Double>.number(
        "limits.step_size",
        default: 1_000,
        above: 0,
        to: 1_000,
        "Largest size of a gradient step"
    )
    package static let heads = ConfigurationKey<Int>.integer(
        "limits.heads",
        default: 16,
        in: 1...1_024,
        "Most value functions that one request mixes"
    )

    // Value functions.
    package static let registryDirectory = ConfigurationKey<String>.text(
        "registry.directory",
        default: ".state/heads",
        "Folder of uploaded value functions, made if absent; may be shared by several processes"
    )
    package static let bundledHeads = ConfigurationKey<String>.text(
        "registry.bundled_heads",
        default: "Config/heads",
        "Folder of value functions offered read-only; empty: none"
    )
    package static let keepVersions = ConfigurationKey<Int>.integer(
        "registry.keep_versions",
        default: 5,
        in: 1...1_000,
        "Versions kept of each value function"
    )
    package static let gramCacheBytes = ConfigurationKey<Int>.integer(
        "control.gram_cache_bytes",
        default: 268_435_456,
        in: 0...1_099_511_627_776,
        "Memory for Gram matrices of value functions; one too large for it is followed by backpropagation. As much again is for what recent requests steered with"
    )

    package static let quarantineAfter = ConfigurationKey<Int>.integer(
        "control.quarantine_after",
        default: 3,
        in: 0...1_000_000,
        "Times that a value function's own control may be not finite before it steers no more; 0: any number"
    )

    package static let batchDirectory = ConfigurationKey<String>.text(
        "batches.directory",
        default: ".state/batches",
        "Folder of uploaded files and of batches, made if absent; empty: there are neither"
    )
    package static let batchFileBytes = ConfigurationKey<Int>.integer(
        "batches.file_bytes",
        default: 268_435_456,
        in: 1...1_099_511_627_776,
        "Size of an uploaded file"
    )
    package static let batchTotalBytes = ConfigurationKey<Int>.integer(
        "batches.total_bytes",
        default: 4_294_967_296,
        in: 1...1_125_899_906_842_624,
        "Size of all files together, and 4 KiB more for each, beyond which no more are taken"
    )
    package static let batchLines = ConfigurationKey<Int>.integer(
        "batches.lines",
        default: 50_000,
        in: 1...10_000_000,
        "Lines of one batch, each a request"
    )
    package static let batchUnfinished = ConfigurationKey<Int>.integer(
        "batches.unfinished",
        default: 1_000,
        in: 1...1_000_000,
        "Batches that have not ended, beyond which no more are taken"
    )
    package static let batchKept = ConfigurationKey<Int>.integer(
        "batches.kept",
        default: 10_000,
        in: 1...1_000_000,
        "Batches that have ended, the oldest of which are forgotten when there are more; their files stay"
    )
    package static let batchConcurrency = ConfigurationKey<Int>.integer(
        "batches.concurrency",
        default: 0,
        in: 0...65_536,
        "Answers to lines of batches that are under way at once; 0: as many as the workers run"
    )

    package static let logLevel = ConfigurationKey<String>.choice(
        "log.level",
        default: "info",
        of: ["trace", "debug", "info", "notice", "warning", "error", "critical"],
        "Least severe messages that are logged, to standard error"
    )
    package static let logFormat = ConfigurationKey<String>.choice(
        "log.format",
        default: LogFormat.text.rawValue,
        of: LogFormat.allCases.map(\.rawValue),
        "How lines are written: text for people, json for programs"
    )
    package static let logRequests = ConfigurationKey<Bool>.flag(
        "log.requests",
        default: true,
        "Whether every request is a line, at the level info"
    )
    package static let logPrompts = ConfigurationKey<Bool>.flag(
        "log.prompts",
        default: false,
        "Whether the text of prompts and answers is logged, at the level info"
    )

    /// Every key outside `models`.
    package static let keys: [any ConfigurationKeyDescription] = [
        host, port, drainSeconds, drainIdleSeconds, headerTimeout, bodyTimeout, minimumBodyRate, requestTimeout, idleTimeout, writeTimeout,
        certificate, certificateKey, clientAuthorities, keysFile, openAccess, origins, adminToken, adminTokenFile, adminCertificate,
        playground, threads, prefixCache,
        connections, connectionsPerAddress, headerBytes, bodyBytes, uploadBytes, running, queued, promptTokens, maximumTokens,
        temperature, choices, stopStrings, logprobs, capturedStates, tracedTokens, steps, stepSize, heads,
        registryDirectory, bundledHeads, keepVersions, gramCacheBytes, quarantineAfter,
        batchDirectory, batchFileBytes, batchTotalBytes, batchLines, batchUnfinished, batchKept,
        batchConcurrency,
        logLevel, logFormat, logRequests, logPrompts,
    ]

    /// The keys that a running server takes over when it reads its configuration again; all others take a restart.
    package static let reloadable: [any ConfigurationKeyDescription] = [
        drainSeconds, certificate, certificateKey, clientAuthorities, keysFile, openAccess, origins,
        adminToken, adminTokenFile, adminCertificate,
        bodyBytes, uploadBytes, promptTokens, maximumTokens, temperature, choices, stopStrings, logprobs, capturedStates, tracedTokens,
        steps, stepSize, heads, logLevel,
    ]

    /// The section whose members are models: `models.ID.KEY`.
    package static let modelsSection = "models"
    /// The keys of the model with that id.
    package static func modelKeys(_ id: String) -> ModelKeys {
        ModelKeys(id: id)
    }
}
