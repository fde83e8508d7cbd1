import Control
import ModelFiles
import TestSupport

/// PyTorch checkpoints: whole zip archives, or pickles that an archive with right checksums is put around. Accepted tensors have the numbers that
/// their shapes say.
struct PickleFuzz: FuzzTarget {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    func run(_ input: [UInt8]) {
        let storage = (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 3) }
        let archive =
            input.starts(with: [0x50, 0x4b])
            ? input
            : StoredArchive.of([("a/data.pkl", input), ("a/data/0", storage), ("a/data/1", storage), ("a/byteorder", Array("little".utf8))])
        guard let checkpoint = try? PyTorchCheckpoint(path: folder.write(archive, to: "a.pth")) else { return }
        for tensor in checkpoint.tensors.values {
            Oracle.expect(tensor.values.count == tensor.shape.reduce(1) { $0 &* $1 }, "a tensor has as many numbers as its shape says")
        }
        if let head = try? ValueFunction(checkpoint: checkpoint) {
            Oracle.expect(head.hiddenSize > 0 && head.layerCount > 1, "a value function has layers")
        }
    }
}
