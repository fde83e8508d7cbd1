#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Drives many clients from one thread, which sleeps in `poll` while nothing arrives.
struct LoadDriver {
    let address: LoadAddress
    let request: LoadRequest
    let clients: Int
    let duration: Duration

    /// Runs until the time is up, or it is plain that no request is answered; what is unanswered then is left.
    func run() -> LoadReport {
        let statistics = LoadStatistics()
        var number = 0
        let clients = (0..<clients).map { _ in
            LoadClient(address: address, statistics: statistics) {
                number += 1
                return request.bytes(number: number)
            }
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        let (start, processorStart) = (ContinuousClock.now, Self.processorSeconds())
        var now = start
        var descriptors: [pollfd] = []
        var owners: [LoadClient] = []
        while now < start + duration, !statistics.isHopeless(clients: clients.count) {
            descriptors.removeAll(keepingCapacity: true)
            owners.removeAll(keepingCapacity: true)
            var deadline = start + duration
            for client in clients {
                if let time = client.wakeTime, time <= now { client.wake(now: now) }
                if let time = client.wakeTime { deadline = min(deadline, time) }
                guard let interest = client.interest else { continue }
                descriptors.append(pollfd(fd: interest.descriptor, events: Int16(interest.isWriting ? POLLOUT : POLLIN), revents: 0))
                owners.append(client)
            }
            let milliseconds = max((deadline - now) / .milliseconds(1), 0).rounded(.up)
            let ready = poll(&descriptors, nfds_t(descriptors.count), Int32(min(milliseconds, 60_000)))
            now = .now
            guard ready > 0 else { continue }
            for (descriptor, owner) in zip(descriptors, owners) where descriptor.revents != 0 {
                owner.proceed(buffer: buffer, now: now)
            }
        }
        return LoadReport(
            server: address.authority,
            clients: clients.count,
            seconds: (now - start).seconds,
            processorSeconds: Self.processorSeconds() - processorStart,
            unfinished: clients.count { $0.interest != nil },
            statistics: statistics
        )
    }

    /// How long this process has computed.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
