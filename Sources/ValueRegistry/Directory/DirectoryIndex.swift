import ModelFiles

/// The versions in the registry's directory, as last seen. To look again costs one call of the system for each name whose folder did not change.
struct DirectoryIndex {
    private struct Folder {
        let stamp: DirectoryStamp
        let isSettled: Bool
        let entries: [RegistryEntry]
    }

    private let root: String
    private var names: [String] = []
    private var namesStamp: DirectoryStamp?
    private var areNamesSettled = false
    private var folders: [String: Folder] = [:]

    /// Indexes a folder of folders.
    init(root: String) {
        self.root = root
    }

    /// Every version that was there at the last look.
    var entries: Set<RegistryEntry> {
        Set(folders.values.lazy.flatMap(\.entries))
    }

    /// Looks at the directory again. Where it cannot be read, nothing changes.
    ///
    /// - Returns: whether something may have changed.
    mutating func update() throws(ModelFileError) -> Bool {
        var next = self
        let isChanged = try next.look()
        self = next
        return isChanged
    }

    private mutating func look() throws(ModelFileError) -> Bool {
        var isChanged = false
        if !areNamesSettled || namesStamp != DirectoryStamp(path: root) {
            let handle = try DirectoryHandle(root)
            let stamp = try handle.stamp()
            (namesStamp, areNamesSettled) = (stamp, stamp.isSettled)
            names = try handle.names().filter(HeadReference.isName)
            isChanged = true
        }
        var seen: [String: Folder] = [:]
        for name in names {
            let stamp = DirectoryStamp(path: "\(root)/\(name)")
            if let known = folders[name], known.isSettled, known.stamp == stamp {
                seen[name] = known
            } else {
                seen[name] = try folder(name)
                isChanged = true
            }
        }
        folders = seen
        return isChanged
    }

    /// Lists a name's folder; nil where it was removed meanwhile, or is none.
    private func folder(_ name: String) throws(ModelFileError) -> Folder? {
        let path = "\(root)/\(name)"
        do throws(ModelFileError) {
            let handle = try DirectoryHandle(path)
            let stamp = try handle.stamp()
            // Whether it is settled is asked before it is listed.
            let isSettled = stamp.isSettled
            let entries = try handle.names().compactMap { RegistryEntry(root: root, name: name, file: $0) }
            return Folder(stamp: stamp, isSettled: isSettled, entries: entries)
        } catch {
            guard DirectoryStamp(path: path) != nil else { return nil }
            throw error
        }
    }
}
