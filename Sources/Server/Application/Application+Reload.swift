import Inference
import Logging

extension Application {
    /// Takes over what can be changed in a running server: who may use it, the certificate, the limits on requests and the log's level. What takes a
    /// restart is told of. Where anything is wrong, all stays as it was.
    ///
    /// - Parameter read: Reads the configuration anew.
    package func reload(_ read: @Sendable () async throws -> ServerConfiguration) async {
        let before = configuration.value
        let after: ServerConfiguration
        do {
            after = try await read()
            try after.access.checkReach(host: before.host)
            try after.access.checkReplaces(before.access)
            if before.access.tls != nil, let tls = after.access.tls {
                try await OffPool.run { [server] in try server.reloadCertificate(tls) }
            }
        } catch {
            return logger.error("the configuration could not be read again, and stays as it was: \(error)")
        }
        for warning in after.warnings { logger.warning("\(warning)") }
        configuration.value = before.taking(after)
        limits.value = after.limits
        access.replace(after.access.keys)
        admin.value = AdminGuard(configuration.value.access)
        origins.value = OriginPolicy(origins: after.access.origins)
        logLevel?.value = after.logLevel
        let changed = before.changedKeys(after)
        var metadata: Logger.Metadata = [:]
        if !changed.taken.isEmpty { metadata["changed"] = .array(changed.taken.map { .string($0) }) }
        // Of tokens that only changed, nothing is left to compare.
        if !after.access.adminTokens.isEmpty { metadata["admin_tokens"] = .stringConvertible(after.access.adminTokens.count) }
        if access.asksForKeys { metadata["api_keys"] = .stringConvertible(access.keyCount) }
        logger.notice("the configuration was read again", metadata: metadata)
        if !changed.left.isEmpty {
            logger.warning("these keys of the configuration take a restart: \(changed.left.joined(separator: ", "))")
        }
        tellAccess()
    }
}
