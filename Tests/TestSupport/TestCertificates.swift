import Foundation

/// An authority of its own, and two servers' certificates that it signed.
public struct TestCertificates: Sendable {
    private let folder: TemporaryDirectory
    /// The authority's certificate.
    public let authority: String
    /// A certificate for localhost and 127.0.0.1, and its key.
    public let server: (file: String, key: String)
    /// A certificate for another host, and its key.
    public let otherServer: (file: String, key: String)
    /// Where further ones are made.
    private var path: String { folder.url.path }

    /// Makes them, with the program `openssl`.
    public init() throws {
        folder = try TemporaryDirectory()
        let path = folder.url.path
        authority = "\(path)/authority.pem"
        try Self.openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test authority",
            "-keyout", "\(path)/authority.key", "-out", authority,
        ])
        server = try Self.sign("server", names: "DNS:localhost,IP:127.0.0.1", path)
        otherServer = try Self.sign("other", names: "DNS:elsewhere.example", path)
    }

    /// Signs a certificate of that name, valid from now on, with a key of its own.
    public func sign(_ name: String, days: Int = 2) throws -> (file: String, key: String) {
        try Self.sign(name, names: "DNS:localhost,IP:127.0.0.1", days: days, path)
    }

    /// A file of some text beside the certificates.
    public func file(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
        return "\(path)/\(name)"
    }

    private static func sign(_ name: String, names: String, days: Int = 2, _ path: String) throws -> (file: String, key: String) {
        let (file, key) = ("\(path)/\(name).pem", "\(path)/\(name).key")
        try openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "\(days)", "-subj", "/CN=\(name)",
            "-addext", "subjectAltName=\(names)", "-addext", "basicConstraints=critical,CA:FALSE", "-CA", "\(path)/authority.pem",
            "-CAkey", "\(path)/authority.key", "-keyout", key, "-out", file,
        ])
        return (file, key)
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
