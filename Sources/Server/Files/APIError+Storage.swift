import HTTPTypes

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

    /// 503: another process has the folder of files and batches.
    static let storageInUse = APIError.unavailable(
        "Another server process runs the batches of this folder; this one only shows files and batches until that one ends."
    )
}
