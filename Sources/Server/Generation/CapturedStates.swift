import Foundation
import Inference

/// The states that an answer reports for its `capture`.
package struct CapturedStates: Sendable {
    private let request: CaptureRequest
    private let hiddenSize: Int
    private var halves: [UInt16] = []
    private var count = 0

    package init(_ request: CaptureRequest, hiddenSize: Int) {
        self.request = request
        self.hiddenSize = hiddenSize
    }

    /// Takes a generated token's state in, where it has one.
    package mutating func add(_ token: GeneratedToken) {
        guard let state = token.state else { return }
        halves += state.halves
        count += 1
    }

    /// Writes the member `capture` of a choice: the window as far as the answer went, the shape, and the numbers in half precision, little-endian,
    /// row after row, as base64.
    package func write(to writer: inout JSONWriter) {
        let data = halves.withUnsafeBufferPointer { buffer in Data(buffer.lazy.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }) }
        writer.name("capture")
        writer.object { writer in
            writer.member("site", request.site.description)
            writer.member("from", request.window.lowerBound)
            writer.member("to", request.window.lowerBound + count)
            writer.name("shape")
            writer.array { writer in
                writer.value(count)
                writer.value(hiddenSize)
            }
            writer.member("dtype", "float16")
            writer.member("data", data.base64EncodedString())
        }
    }
}
