import ArgumentParser
import Foundation
import HTTP
import Logging
import ModelFiles
import Server

/// `rudder serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve models over HTTP.",
        discussion: """
            Flags override RUDDER_* environment variables, which override the configuration file. When ready, one line
            "rudder: listening on http://HOST:PORT" (https with a certificate) goes to standard output; logs go to standard error. SIGTERM and SIGINT let running
            generations finish; a second one ends the server at once. SIGHUP reads the configuration, the API keys and the certificate again. Config/rudder.yaml lists every key of the configuration.
            """
    )

    @OptionGroup var configurationOptions: ConfigurationOptions

    @Option(
        name: .customLong("model"),
        help: ArgumentHelp("A model to serve, by path, catalogue name or configured id; may be repeated.", valueName: "[ID=]PATH|NAME"),
        completion: .models
    )
    var models: [String] = []

    @Option(help: "Address to listen on.")
    var host: String?

    @Option(help: "Port to listen on; 0 picks a free one.")
    var port: String?

    @Option(
        help: ArgumentHelp(
            "Bearer token of the admin API. Other users of the machine can see it; prefer RUDDER_ADMIN_TOKEN or --admin-token-file.",
            valueName: "token"
        )
    )
    var adminToken: String?

    @Option(help: ArgumentHelp("File that holds the admin API's token.", valueName: "path"), completion: .file())
    var adminTokenFile: String?

    func run() async throws {
        let signals = Signals(endsAtOnce: true)
        var flags = configurationOptions.flags
        flags.set(ConfigurationSchema.host, to: host)
        flags.set(ConfigurationSchema.port, to: port)
        flags.set(ConfigurationSchema.adminToken, to: adminToken)
        flags.set(ConfigurationSchema.adminTokenFile, to: adminTokenFile)
        let configuration = try await configurationOptions.load(flags: flags, models: models, readsAccess: true)
        let output = LogOutput(descriptor: StandardError.descriptor, format: configuration.logFormat)
        let level = Live(configuration.logLevel)
        let logger = Log.make(level: level, format: configuration.logFormat, output: output)
        for warning in configuration.warnings { logger.warning("\(warning)") }
        if let warning = DescriptorLimit.raise(connections: configuration.connections) { logger.warning("\(warning)") }

        let application = try Application(configuration: configuration, logger: logger, logLevel: level)
        signals.beginServing()
        let address: SocketAddress
        do {
            address = try await application.start()
        } catch HTTPServerError.tls(let error) {
            throw CommandError("\(error); tls.certificate and tls.key name the files, in PEM")
        } catch let error as HTTPServerError {
            throw CommandError("\(error); --port and --host say where else to listen, and --port 0 picks a free port")
        } catch let error where error is ModelFileError || error is CocoaError {
            throw CommandError(
                "batches: \(ErrorAdvice.reason(error)); batches.directory in the configuration names another folder, and an empty one turns them off"
            )
        }
        let listening = "listening on \(configuration.access.tls == nil ? "http" : "https")://\(address)"
        StandardOutput.write("rudder: \(listening)\n")
        // Whoever asks for the line misses it; whoever asks for answers gets them.
        if let failure = StandardOutput.takeFailure() { logger.warning("\(failure)") }
        let notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment)
        await tell(.ready(status: listening), by: notifier, logger)
        let reloads = signals.reload
        var options = configurationOptions
        // What was read is read again: without it, nothing is.
        options.config = options.config ?? configuration.file
        let reloading = Task { [flags, options, models] in
            for await _ in reloads {
                await tell(.reloading, by: notifier, logger)
                await application.reload { try await options.load(flags: flags, models: models, readsAccess: true) }
                await tell(.ready(status: listening), by: notifier, logger)
            }
        }

        for await signal in signals.termination {
            logger.notice("\(signal == SIGINT ? "SIGINT" : "SIGTERM"): finishing what runs, for at most \(application.drainTime)")
        }
        reloading.cancel()
        // A reload that is under way would say after this that the server is ready.
        await reloading.value
        await tell(.stopping(status: "finishing what runs, for at most \(application.drainTime)"), by: notifier, logger)
        await application.drain()
        logger.notice("ended")
        output.flush()
        withExtendedLifetime(signals) {}
    }

    /// Tells the service manager, where there is one. The server goes on without it.
    private func tell(_ message: ServiceNotifier.Message, by notifier: ServiceNotifier, _ logger: Logger) async {
        do { try await notifier.tell(message) } catch { logger.warning("\(error)") }
    }
}
