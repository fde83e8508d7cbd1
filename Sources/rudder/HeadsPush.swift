import ArgumentParser
import Foundation
import HTTP
import HTTPTypes
import Server

/// `rudder heads push`.
struct HeadsPush: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "push", abstract: "Upload a value function to a running server.")

    @Argument(help: "The name to give it.")
    var name: String

    @Argument(help: "The safetensors file.", completion: .headFiles)
    var file: String

    @Option(help: "The server.")
    var url = "http://127.0.0.1:8080"

    @Option(
        help: ArgumentHelp(
            "File of the authorities, in PEM, that vouch for the server's certificate (default: the system's).",
            valueName: "path"
        ),
        completion: .file()
    )
    var ca: String?

    @Option(help: "The admin API's token (default: RUDDER_ADMIN_TOKEN).")
    var token: String?

    func run() async throws {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            throw CommandError("cannot read \(file): name a safetensors file that you may read")
        }
        guard let segment = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) else {
            throw CommandError("'\(name)' is no name; write letters, digits, dots, underscores or hyphens")
        }
        var fields: HTTPFields = [:]
        if let token = token ?? ProcessInfo.processInfo.environment["RUDDER_ADMIN_TOKEN"], !token.isEmpty {
            fields[.authorization] = "Bearer \(token)"
        }
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        let answer: HTTPClientResponse
        do {
            var client = HTTPClient(timeout: .seconds(600))
            client.certificateAuthorities = ca
            answer = try await client.send(
                .put,
                "\(base)/admin/v1/heads/\(segment)",
                fields: fields,
                body: bytes
            )
        } catch {
            throw CommandError("\(error); `rudder serve` starts a server, --url says where one is")
        }
        let document = try? JSONParser.parse(answer.body)
        guard answer.status.kind == .successful, case .string(let pushed)? = document?["name"],
            case .number(let version)? = document?["version"]
        else {
            guard case .string(let reason)? = document?["error"]?["message"] else {
                throw CommandError("the server answered \(answer.status): is it Rudder that listens at \(base)? --url names another server")
            }
            let sentence = reason.hasSuffix(".") ? String(reason.dropLast()) : reason
            throw CommandError("the server answered \(answer.status.code): \(sentence)" + nextStep(answer.status.code))
        }
        StandardOutput.write(TerminalText.line("\(pushed)@\(version.integer ?? 0)") + "\n")
        if case .string(let warning)? = document?["warning"] { StandardError.write(TerminalText.line("warning: \(warning)") + "\n") }
    }

    /// What to do about a status that refuses the file.
    private func nextStep(_ status: Int) -> String {
        switch status {
        case 400: "; `rudder heads verify \(file)` checks it here"
        case 401: "; give the server's admin token with --token or RUDDER_ADMIN_TOKEN"
        case 413: "; limits.upload_bytes in the server's configuration says how large it may be"
        case 500...: "; the server's log says why"
        default: ""
        }
    }
}
