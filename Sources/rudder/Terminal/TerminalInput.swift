import Foundation
import Synchronization

/// What comes from the keyboard, read by a thread of its own. While an answer is made, Ctrl-C reaches whoever makes it; what else is typed waits.
final class TerminalInput: Sendable {
    /// Something that came.
    enum Event: Sendable {
        case bytes([UInt8])
        /// Nothing followed for a moment.
        case pause
        /// The terminal has another size.
        case resized
        /// Nothing more will come.
        case ended
    }

    private struct State {
        var events: [Event] = []
        var hasEnded = false
        var waiter: CheckedContinuation<Event, Never>?
        var interrupt: (@Sendable () -> Void)?
        /// Whether Ctrl-C called it, and nobody asked since.
        var wasInterrupted = false

        /// Drops what was typed up to the last Ctrl-C that waits.
        ///
        /// - Returns: whether there was one.
        mutating func dropUpToInterrupt() -> Bool {
            for index in events.indices.reversed() {
                guard case .bytes(let bytes) = events[index], let place = bytes.lastIndex(of: TerminalInput.interruptByte) else { continue }
                let rest = Array(bytes[(place + 1)...])
                let before = events[..<index].filter { if case .bytes = $0 { false } else { true } }
                events = before + (rest.isEmpty ? [] : [.bytes(rest)]) + events[(index + 1)...]
                return true
            }
            return false
        }
    }

    private static let interruptByte: UInt8 = 0x03
    private static let escape: UInt8 = 0x1b
    private let state = Mutex(State())

    /// Begins to read.
    func start(_ descriptor: Int32) {
        let thread = Thread { [self] in
            var bytes = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN {
                    StandardInput.waitForMore(descriptor)
                    continue
                }
                guard count > 0 else { break }
                take(Array(bytes[..<count]))
                // An Escape may be a key or begin one; time tells.
                if bytes[..<count].suffix(8).contains(Self.escape) {
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                    if poll(&waiting, 1, 50) == 0 { deliver(.pause) }
                }
            }
            deliver(.ended)
        }
        thread.name = "rudder.keyboard"
        thread.start()
    }

    /// The next thing that comes.
    func next() async -> Event {
        await withCheckedContinuation { continuation in
            let event = state.withLock { state -> Event? in
                if !state.events.isEmpty { return state.events.removeFirst() }
                if state.hasEnded { return .ended }
                state.waiter = continuation
                return nil
            }
            if let event { continuation.resume(returning: event) }
        }
    }

    /// Whether nothing more will come.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// Has Ctrl-C call `body` until ``endWatching()``; at once, where it was typed before and not read yet.
    func watch(_ body: @escaping @Sendable () -> Void) {
        let isAsked = state.withLock { state in
            state.interrupt = body
            guard state.dropUpToInterrupt() else { return false }
            state.wasInterrupted = true
            return true
        }
        if isAsked { body() }
    }

    /// Whether Ctrl-C called what watched since this was last asked: what was typed before it is given up.
    func takeInterruption() -> Bool {
        state.withLock { state in
            defer { state.wasInterrupted = false }
            return state.wasInterrupted
        }
    }

    /// Has Ctrl-C be a key again.
    func endWatching() {
        state.withLock { $0.interrupt = nil }
    }

    /// A signal that means what Ctrl-C does.
    func interrupt() {
        take([Self.interruptByte])
    }

    /// The terminal has another size.
    func resize() {
        deliver(.resized)
    }

    private func take(_ bytes: [UInt8]) {
        guard let interrupt = state.withLock({ $0.interrupt }), let place = bytes.lastIndex(of: Self.interruptByte) else {
            deliver(.bytes(bytes))
            return
        }
        // What was typed before it was given up with the answer.
        state.withLock { state in
            state.events.removeAll { if case .bytes = $0 { true } else { false } }
            state.wasInterrupted = true
        }
        interrupt()
        let rest = Array(bytes[(place + 1)...])
        if !rest.isEmpty { deliver(.bytes(rest)) }
    }

    private func deliver(_ event: Event) {
        let waiter = state.withLock { state -> CheckedContinuation<Event, Never>? in
            if case .ended = event { state.hasEnded = true }
            guard let waiter = state.waiter else {
                if !state.hasEnded { state.events.append(event) }
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: event)
    }
}
