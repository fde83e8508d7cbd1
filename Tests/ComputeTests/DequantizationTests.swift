import CKernels
import Compute
import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("Dequantization")
struct DequantizationTests {
    private struct Golden: Decodable {
        let type: String
        let bytes: Data
        let values: [Float]
    }

    @Test("every quantized type decodes to the values of the format's own library")
    func decodesAsTheReference() throws {
        let goldens = try #require(try GoldenFiles.json("quantization/blocks.json", as: [Golden].self))
        #expect(Set(goldens.map(\.type)) == Set(TensorType.allCases.filter { $0.blockSize > 1 }.map(\.rawValue)))
        for golden in goldens {
            let type = try #require(TensorType(rawValue: golden.type))
            var values = [Float](repeating: 0, count: golden.values.count)
            rudder_dequantize(type.kernelType, [UInt8](golden.bytes), Int64(values.count), &values)
            for (found, expected) in zip(values, golden.values) {
                #expect(abs(found - expected) <= 1e-6 * max(1, abs(expected)), "\(golden.type)")
            }
        }
    }
}
