import ArgumentParser
import Foundation
import HTTP
import Server

/// `rudder health`.
struct Health: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a running server whether it is ready.",
        discussion: """
            For health checks of containers and scripts: the status is 0 where every model has a worker that is up and requests are taken, else 1. Without --url the
            server is asked that the configuration and RUDDER_* variables describe, on this machine; of its certificate nothing is asked then.
            """
    )

    @Option(help: "The server.")
    var url: String?

    @Option(
        help: ArgumentHelp("The configuration file (default: Config/rudder.yaml, where there is one).", valueName: "path"),
        completion: .configurationFiles
    )
    var config: String?

    @Option(help: "Seconds to wait for the answer.")
    var timeout = 5.0

    func validate() throws {
        guard timeout > 0, timeout <= 3600 else { throw ValidationError("--timeout is \(timeout); expected above 0, at most 3600") }
    }

    func run() async throws {
        let (base, isOwn) = try await address()
        let answer: HTTPClientResponse
        do {
            var client = HTTPClient(timeout: .seconds(timeout), maximumBytes: 1 << 20)
            // A certificate has the name that others use, and this machine's address is none of its. Over plain HTTP nothing is verified either.
            client.verifiesServer = !isOwn
            answer = try await client.send(.get, "\(base)/ready")
        } catch {
            throw CommandError("\(error); `rudder serve` starts a server, --url says where one is")
        }
        guard case .string(let status)? = (try? JSONParser.parse(answer.body))?["status"] else {
            throw CommandError("the server answered \(answer.status): is it Rudder that listens at \(base)? --url names another server")
        }
        StandardOutput.write(TerminalText.line(status) + "\n")
        if answer.status != .ok { throw ExitCode.failure }
    }

    /// Where to ask, and whether that is this machine by its configuration.
    private func address() async throws -> (base: String, isOwn: Bool) {
        if let url { return (url.hasSuffix("/") ? String(url.dropLast()) : url, false) }
        let environment = ProcessInfo.processInfo.environment
        let configuration = try await ServerConfiguration.load(path: config, environment: environment, readsAccess: false)
        // What listens on all addresses is asked on this machine's own.
        let host =
            switch configuration.host {
            case "", "0.0.0.0": "127.0.0.1"
            case "::", "[::]": "[::1]"
            case let host where host.contains(":") && !host.hasPrefix("["): "[\(host)]"
            case let host: host
            }
        return ("\(configuration.access.tls == nil ? "http" : "https")://\(host):\(configuration.port)", true)
    }
}
