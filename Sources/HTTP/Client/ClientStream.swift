/// What a request is sent over and its answer comes from. Calls wait, up to the exchange's limit.
protocol ClientStream: AnyObject {
    /// Sends everything; the failure where that does not work.
    func send(_ bytes: [UInt8]) -> HTTPClientError?

    /// What comes next; nil at the end.
    func receive() throws(HTTPClientError) -> [UInt8]?
}
