extension ServerConfiguration {
    /// What a running server goes on with, once it has read its configuration again: what can be changed as it is now, the rest as it was.
    package func taking(_ other: ServerConfiguration) -> ServerConfiguration {
        var taken = self
        taken.drainTime = other.drainTime
        taken.access = other.access
        // TLS is neither begun nor given up while connections are there.
        let startsOrEndsTLS = (access.tls == nil) != (other.access.tls == nil)
        if startsOrEndsTLS {
            taken.access.tls = access.tls
            taken.access.adminAsksForCertificate = access.adminAsksForCertificate
        }
        taken.limits = other.limits
        taken.logLevel = other.logLevel
        for key in ConfigurationSchema.reloadable where !(startsOrEndsTLS && Self.isOfTLS(key.name)) {
            taken.texts[key.name] = other.texts[key.name]
        }
        return taken
    }

    private static func isOfTLS(_ name: String) -> Bool {
        name.hasPrefix("tls.") || name == ConfigurationSchema.adminCertificate.name
    }

    /// The names of the keys that another reading changed: those that a running server takes over, and those that take a restart.
    package func changedKeys(_ other: ServerConfiguration) -> (taken: [String], left: [String]) {
        let names = Set(texts.keys).union(other.texts.keys).filter { texts[$0] != other.texts[$0] }.sorted()
        let reloadable = Set(ConfigurationSchema.reloadable.map(\.name))
        let startsOrEndsTLS = (access.tls == nil) != (other.access.tls == nil)
        let left = names.filter { name in
            !reloadable.contains(name) || (startsOrEndsTLS && Self.isOfTLS(name))
        }
        return (names.filter { !left.contains($0) }, left)
    }
}
