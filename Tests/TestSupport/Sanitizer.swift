import Foundation

/// What the tests were built with: make test SANITIZE=address, or thread.
public enum Sanitizer {
    /// Whether a sanitizer runs with the tests. Then the process holds much that the code did not ask for.
    public static let isOn = dlsym(nil, "__asan_init") != nil || isOfThreads

    /// Whether ThreadSanitizer does, under which whatever computes takes fifty times as long.
    public static let isOfThreads = dlsym(nil, "__tsan_init") != nil
}
