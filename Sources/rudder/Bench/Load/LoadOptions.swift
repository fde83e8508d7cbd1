import ArgumentParser
import Foundation
import HTTP
import HTTPTypes
import Server

/// How `rudder bench --server` drives a server.
struct LoadOptions: ParsableArguments {
    @Option(help: "Measure a running server instead of the engine alone: its address.")
    var server: String?

    @Option(help: "The server's API key (default: RUDDER_API_KEY).")
    var apiKey: String?

    @Option(help: "Clients that ask at once, each again as soon as it is answered.")
    var clients = 64

    @Option(help: "Tokens to ask for.")
    var maxTokens = 64

    @Option(help: "What to continue (default: many texts, of which no two begin alike).")
    var prompt: String?

    @Option(help: "Steer every request: NAME, NAME@VERSION, a JSON object or @FILE.")
    var control: String?

    /// How long clients ask, unless --seconds says otherwise.
    static let defaultSeconds = 60

    func validate() throws {
        guard (1...10_000).contains(clients) else { throw ValidationError("--clients is \(clients); expected 1 to 10000") }
        guard apiKey?.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) ?? true else {
            throw ValidationError("--api-key has characters that no key can have")
        }
        guard (1...1_000_000).contains(maxTokens) else { throw ValidationError("--max-tokens is \(maxTokens); expected 1 to 1000000") }
    }

    /// Drives the server.
    func report(server: String, seconds: Int) async throws -> LoadReport {
        let address = try LoadAddress(url: server)
        let request = LoadRequest(
            to: address,
            key: key,
            model: try await firstModel(of: server),
            prompt: prompt,
            maximumTokens: maxTokens,
            control: try control.map(ControlArgument.parse)
        )
        return LoadDriver(address: address, request: request, clients: clients, duration: .seconds(seconds)).run()
    }

    /// The API key; nil where there is none.
    private var key: String? {
        let key = apiKey ?? ProcessInfo.processInfo.environment["RUDDER_API_KEY"] ?? ""
        return key.isEmpty ? nil : key
    }

    /// The id of the first model that the server lists.
    private func firstModel(of server: String) async throws -> String? {
        let base = server.hasSuffix("/") ? String(server.dropLast()) : server
        var fields: HTTPFields = [:]
        fields[.authorization] = key.map { "Bearer \($0)" }
        let answer: HTTPClientResponse
        do {
            answer = try await HTTPClient().send(.get, "\(base)/v1/models", fields: fields)
        } catch {
            throw CommandError("\(error); `rudder serve` starts a server, --server says where one is")
        }
        if answer.status == .unauthorized {
            throw CommandError("the server asks for an API key: give one with --api-key or RUDDER_API_KEY")
        }
        guard answer.status.kind == .successful, case .array(let models)? = try? JSONParser.parse(answer.body)["data"] else {
            throw CommandError("--server: \(base)/v1/models answered \(answer.status): name the address of a Rudder server")
        }
        guard case .string(let id)? = models.first?["id"] else { return nil }
        return id
    }
}
