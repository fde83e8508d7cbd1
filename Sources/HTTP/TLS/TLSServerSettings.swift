/// What a server needs for TLS: files in PEM.
public struct TLSServerSettings: Sendable, Equatable {
    /// The file of the server's certificate, followed by those of the authorities between it and a root.
    public var certificate: String
    /// The file of its private key, without a passphrase.
    public var key: String
    /// The file of the authorities whose client certificates are accepted; nil: clients are not asked for one.
    public var clientAuthorities: String?

    /// Names the files.
    public init(certificate: String, key: String, clientAuthorities: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.clientAuthorities = clientAuthorities
    }
}
