import Foundation

/// Where the server listens.
struct LoadAddress {
    /// `host:port`, for the Host field.
    let authority: String
    /// What stands before `/v1`, without a slash at its end.
    let path: String
    /// The address, for `connect`.
    let socketAddress: [UInt8]
    /// The address's family.
    let family: Int32

    /// Finds the address of a URL such as `http://127.0.0.1:8080`.
    init(url: String) throws {
        let components = URLComponents(string: url)
        guard let components, components.scheme == "http", let host = components.host, !host.isEmpty else {
            throw CommandError("--server: '\(url)' is not an http URL with a host, such as http://127.0.0.1:8080")
        }
        let port = components.port ?? 80
        authority = "\(host):\(port)"
        let path = components.percentEncodedPath
        self.path = path.hasSuffix("/") ? String(path.dropLast()) : path
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        let status = getaddrinfo(name, "\(port)", &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0, let first = list?.pointee, let address = first.ai_addr else {
            throw CommandError(
                "--server: cannot find \(authority): \(String(cString: gai_strerror(status))); is the name right? --server says where one is"
            )
        }
        family = first.ai_family
        socketAddress = Array(UnsafeRawBufferPointer(start: address, count: Int(first.ai_addrlen)))
    }
}
