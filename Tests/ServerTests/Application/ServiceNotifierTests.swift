import Foundation
import Server
import TestSupport
import Testing

@Suite("What the service manager is told")
struct ServiceNotifierTests {
    @Test("messages arrive at a path and at an abstract name", arguments: [false, true])
    func arrive(isAbstract: Bool) async throws {
        let folder = try TemporaryDirectory()
        let name = isAbstract ? "@rudder-\(UUID().uuidString)" : folder.url.appendingPathComponent("notify").path
        let socket = try NotifySocket(name)
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": name])
        try await notifier.tell(.ready(status: "listening\nREADY=0"))
        #expect(try await socket.next() == ["READY": "1", "STATUS": "listening READY=0"])
        try await notifier.tell(.reloading)
        let reloading = try await socket.next()
        #expect(reloading["RELOADING"] == "1" && Int(reloading["MONOTONIC_USEC"] ?? "") ?? 0 > 0 && reloading.count == 2)
        try await notifier.tell(.stopping(status: "bye"))
        #expect(try await socket.next() == ["STOPPING": "1", "STATUS": "bye"])
    }

    @Test("without a manager nothing is told, and a socket that cannot be is an error that names it")
    func nobody() async throws {
        try await ServiceNotifier(environment: [:]).tell(.ready(status: "x"))
        try await ServiceNotifier(environment: ["NOTIFY_SOCKET": ""]).tell(.ready(status: "x"))
        for name in ["/none/of/this", "vsock:2:1234", "/" + String(repeating: "a", count: 200), "@rudder-nobody-\(UUID().uuidString)"] {
            let error = await #expect(throws: ServiceNotifier.Failure.self) {
                try await ServiceNotifier(environment: ["NOTIFY_SOCKET": name]).tell(.reloading)
            }
            #expect(error?.description.contains("'\(name)'") == true)
        }
    }
}
