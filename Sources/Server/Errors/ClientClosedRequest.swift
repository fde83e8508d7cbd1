/// The status that logs and metrics give a request whose client went away before there was an answer, by nginx's custom. Nobody is sent it.
enum ClientClosedRequest {
    static let code = 499
}
