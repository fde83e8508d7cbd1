import ValueRegistry

/// Writes the description of a value function, as the admin API and `/v1/heads` tell it.
package enum HeadCard {
    /// Writes the object's members.
    package static func write(_ head: HeadDescription, binding: HeadBinding, to writer: inout JSONWriter) {
        writer.member("name", head.name)
        writer.member("version", head.version)
        writer.member("sha256", head.sha256)
        writer.member("bytes", head.byteCount)
        writer.member("model", optional: head.model)
        writer.member("site", head.site)
        writer.member("hidden_size", head.hiddenSize)
        writer.member("layers", head.layers)
        writer.member("created", head.createdAt)
        writer.member("bundled", head.isBundled)
        writer.name("metadata")
        writer.object { writer in
            for (name, value) in head.metadata.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
        }
        writer.name("steers")
        writer.array { writer in
            for model in binding.models { writer.value(model) }
        }
        writer.member("warning", optional: binding.warning)
    }
}
