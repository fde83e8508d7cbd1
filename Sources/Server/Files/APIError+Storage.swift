import HTTPTypes
import ModelFiles
import ValueRegistry

extension APIError {
    /// 413: an uploaded file is larger than is taken.
    static func fileTooLarge(limit: Int) -> APIError {
        APIError(
            status: .contentTooLarge,
            message: "The file is larger than \(limit) bytes.",
            type: "invalid_request_error",
            parameter: "file",
            code: "file_too_large"
        )
    }

    /// 429: there are as many unfinished batches as are taken.
    static func tooManyBatches(_ most: Int) -> APIError {
        APIError(
            status: .tooManyRequests,
            message: "There are \(most) batches that have not ended. Wait for one to end, or cancel one.",
            type: "requests",
            code: "too_many_batches"
        )
    }

    /// 400: files shall be removed after some time.
    static func doNotExpire(_ parameter: String) -> APIError {
        .invalid(parameter, "'\(parameter)' is not supported: files stay until they are deleted.", code: "unsupported_parameter")
    }

    /// 507: there is no room for more files.
    static let storageFull = APIError(
        status: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"),
        message: "The server has no room for more files. Delete some that are no longer needed.",
        type: "server_error",
        parameter: "file",
        code: "storage_full"
    )

    /// What a client is told where it is the server's disk that refuses, and not the request that is wrong; nil where it is something else.
    init?(storage error: any Error) {
        let file: ModelFileError
        switch error {
        case let error as ModelFileError: file = error
        case ValueRegistryError.system(let error): file = error
        default: return nil
        }
        if file.isOutOfSpace {
            self = .storageFull
            (message, parameter) = ("The server's disk has no room for it. Once there is, the same request succeeds.", nil)
        } else if file.isForbidden {
            self = .unavailable(
                "The server may not use the folder that this is about: it is read-only, or another user's. Nothing was changed."
            )
            code = "storage_read_only"
        } else if file.isOutOfDescriptors {
            self = .unavailable("The server has too many files and connections open. Try again later.")
        } else {
            return nil
        }
    }

    /// 421: another process has the folder of files and batches. A status of its own, by which a proxy knows that nothing was begun, and asks the other.
    static let storageInUse = APIError(
        status: .misdirectedRequest,
        message: "This server only shows files and batches: another process has them, or may have them, for this one is about to end.",
        type: "server_error",
        code: "storage_in_use"
    )
}
