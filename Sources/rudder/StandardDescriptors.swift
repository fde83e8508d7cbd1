import Foundation

/// Standard input, output and error as descriptors.
enum StandardDescriptors {
    /// Has those that were closed when the program began stay closed to it: else the next file that is opened would get the number of one of them,
    /// and what is meant for people would be written into it. To be called before anything is opened.
    static func keepClosed() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // The lowest free number is this one. Opened the other way around, reading it, or writing to it, fails as it would have.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
