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
