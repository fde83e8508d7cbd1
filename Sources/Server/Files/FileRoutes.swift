import Foundation
import HTTP
import HTTPTypes
import Inference
import ModelFiles

/// `/v1/files`: upload, list, download and removal of the files that batches read and write.
package struct FileRoutes: RouteGroup {
    private let storage: BatchStorage
    private let fileBytes: Int

    /// What a form has besides the file.
    private static let formBytes = 64 << 10
    private static let pieceBytes = 256 << 10

    /// - Parameter fileBytes: The largest file.
    package init(storage: BatchStorage, fileBytes: Int) {
        self.storage = storage
        self.fileBytes = fileBytes
    }

    package var routes: [Route] {
        [
            Route(.post, "/v1/files") { request in try await storage.receiving { try await upload(request) } },
            Route(.get, "/v1/files") { request in try await list(request) },
            Route(.get, "/v1/files/{id}") { request in .json(.ok, try await file(request).document) },
            Route(.get, "/v1/files/{id}/content") { request in try await content(request) },
            Route(.delete, "/v1/files/{id}") { request in try await remove(request) },
        ]
    }

    // MARK: Upload

    private func upload(_ request: ServerRequest) async throws -> ServerResponse {
        let form: MultipartReader
        do {
            form = try request.body.multipart(limit: fileBytes + Self.formBytes)
        } catch let error as MultipartError {
            throw Self.refusal(error)
        }
        let id = StorageID.new("file-")
        let folder = storage.files.incoming(id)
        let upload = try await FileUpload(folder: folder, budget: storage.budget, limit: fileBytes)
        do {
            let filename = try await read(form, into: upload)
            try await upload.finish()
            let file = StoredFile(
                id: id,
                bytes: await upload.bytes,
                created: Int(Date().timeIntervalSince1970),
                filename: filename,
                purpose: .batch,
                owner: Caller.current?.key.name
            )
            try await storage.change { try $0.files.publish(folder, as: file) }
            return .json(.ok, file.document)
        } catch {
            await upload.discard()
            if let error = error as? MultipartError { throw Self.refusal(error) }
            throw error
        }
    }

    /// Reads the form's fields, the file's content into the upload.
    ///
    /// - Returns: the file's name.
    private func read(_ form: MultipartReader, into upload: FileUpload) async throws -> String {
        var (part, filename, purpose) = (nil as String?, nil as String?, nil as [UInt8]?)
        while let event = try await form.next() {
            switch event {
            case .part(let next):
                let name = next.name.word
                part = name
                switch name {
                case "file":
                    guard filename == nil else { throw APIError.invalid("file", "The form has more than one 'file'.") }
                    guard let file = next.filename, !file.isEmpty else {
                        throw APIError.invalid("file", "'file' must be a file, with a filename in its Content-Disposition.")
                    }
                    // It is told in each list.
                    guard file.utf8.count <= 1024 else {
                        throw APIError.invalid("file", "The filename of 'file' is longer than 1024 bytes.")
                    }
                    filename = file
                case "purpose":
                    guard purpose == nil else { throw APIError.invalid("purpose", "The form has more than one 'purpose'.") }
                    purpose = []
                case let name where name.hasPrefix("expires_after"): throw APIError.doNotExpire("expires_after")
                default: break
                }
            case .content(let bytes):
                if part == "file" { try await upload.append(bytes) }
                // One byte more than is kept makes it a wrong one.
                if part == "purpose", let count = purpose?.count { purpose? += bytes.prefix(256 - count) }
            }
        }
        guard let purpose else { throw APIError.invalid("purpose", "The form has no field 'purpose'.") }
        guard purpose.elementsEqual("batch".utf8) else {
            throw APIError.invalid("purpose", "'purpose' must be 'batch', not '\(String(decoding: purpose.prefix(64), as: UTF8.self))'.")
        }
        guard let filename else { throw APIError.invalid("file", "The form has no field 'file'.") }
        return filename
    }

    private static func refusal(_ error: MultipartError) -> APIError {
        .invalid(nil, "The request must be a form with the fields 'purpose' and 'file': \(error).")
    }

    // MARK: Files that are there

    private func list(_ request: ServerRequest) async throws -> ServerResponse {
        let page = try ListPage(request, limit: 10_000, of: 10_000)
        let purpose = try request.queryValue("purpose").map { word in
            guard let purpose = FilePurpose(rawValue: word.word) else {
                let words = FilePurpose.allCases.map(\.rawValue).joined(separator: " or ")
                throw APIError.invalid("purpose", "'purpose' must be \(words), not '\(word.word)'.")
            }
            return purpose
        }
        let caller = Caller.current
        let files = try await storage.glance { try $0.files.list() }.filter { file in
            (purpose == nil || file.purpose == purpose) && caller.mayUse(madeBy: file.owner)
        }
        return try page.answer(files, place: { ($0.created, $0.id) }, removed: storage.removedAt) { $0.write(to: &$1) }
    }

    /// The file that the path names. One of another key is none.
    private func file(_ request: ServerRequest) async throws -> StoredFile {
        let id = request.parameters["id"] ?? ""
        guard let file = try await storage.read({ try $0.files.file(id) }), Caller.current.mayUse(madeBy: file.owner) else {
            throw Self.notFound(id)
        }
        return file
    }

    static func notFound(_ id: String) -> APIError {
        .notFound("id", "There is no file '\(id)'.", code: "file_not_found")
    }

    private func content(_ request: ServerRequest) async throws -> ServerResponse {
        let stored = try await file(request)
        let path = storage.files.content(stored.id)
        let file: FileDescriptor
        do {
            file = try await OffPool.run { try FileDescriptor(forReading: path) }
        } catch ModelFileError.missingFile {
            throw Self.notFound(stored.id)
        }
        return ServerResponse(
            status: .ok,
            fields: [.contentType: "application/octet-stream"],
            body: .stream { writer in
                // Files do not change; one that is removed meanwhile can still be read to its end.
                while true {
                    let piece = try await OffPool.run {
                        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
                        let count = try piece.withUnsafeMutableBytes { try file.readNext(into: $0) }
                        piece.removeLast(piece.count - count)
                        return piece
                    }
                    guard !piece.isEmpty else { return }
                    try await writer.write(piece)
                }
            }
        )
    }

    private func remove(_ request: ServerRequest) async throws -> ServerResponse {
        let id = try await file(request).id
        try await storage.change { storage in
            guard let file = try storage.files.file(id) else { throw Self.notFound(id) }
            if let user = storage.unfinished.first(where: { $0.uses(id) }) {
                throw APIError.invalid("id", "The batch '\(user.id)' still uses the file; cancel it first.", code: "file_in_use")
            }
            try storage.files.remove(id)
            storage.budget.giveBack(file.bytes + StorageBudget.perFile)
            storage.remember(removed: file)
        }
        return .object { writer in
            writer.member("id", id)
            writer.member("object", "file")
            writer.member("deleted", true)
        }
    }
}
