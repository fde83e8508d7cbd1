import Foundation
import Learning
import ModelFiles

/// A folder of rollouts, written file by file as the format has it, whose rewards are a function of the states.
struct SyntheticRollouts {
    let folder: RolloutFolder
    let width: Int
    /// Every answer's states, row by row, and its reward.
    private(set) var answers: [(states: [[Float]], reward: Double)] = []

    /// Writes answers whose states point, all through the answer, the more along one direction the higher the reward.
    init(path: String, prompts: Int, samples: Int, length: Int, width: Int = 12, seed: UInt64 = 1) throws {
        folder = RolloutFolder(path: path)
        self.width = width
        var state = seed
        func uniform() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24) * 2 - 1
        }
        var (lines, halves, row) = ("", [UInt8](), 0)
        for index in 0..<prompts * samples {
            let reward = uniform()
            let count = length + index % 3
            var states: [[Float]] = []
            for _ in 0..<count {
                var values = (0..<width).map { _ in uniform() * 0.3 + 5 }
                values[2] += 2 * reward
                values[7] -= reward
                states.append(values.map { Float(Float16($0)) })
            }
            halves += states.flatMap { $0.flatMap { value in withUnsafeBytes(of: Float16(value).bitPattern.littleEndian, Array.init) } }
            lines += """
                {"index":\(index),"prompt":{"id":"p\(index / samples)","prompt":"ask \(index / samples)"},"sample":\(index % samples),"seed":1,"response":"answer",\
                "tokens":\(Array(repeating: 5, count: count)),"finish_reason":"length","shard":0,"row":\(row)}\n
                """
            row += count
            answers.append((states, Double(reward)))
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try SafetensorsWriter.write(
            tensors: [.init(name: "states", type: .f16, shape: [row, width], bytes: halves)],
            to: folder.shardPath(0)
        )
        try Data(lines.utf8).write(to: URL(fileURLWithPath: folder.rolloutsPath))
        let manifest = """
            {"format":"rudder.rollouts.v1","model":"made-up","model_sha256":"abc","hidden_size":\(width),"site":"final_norm",\
            "prompts_sha256":"def","prompts":\(prompts),"options":{"samples":\(samples),"max_tokens":64,"temperature":1,"top_p":1,"seed":0,"raw":true}}\n
            """
        try Data(manifest.utf8).write(to: URL(fileURLWithPath: path + "/rollouts.json"))
        var rewards = "{\"source\":\"made up\"}\n"
        for (index, answer) in answers.enumerated() { rewards += "{\"index\":\(index),\"reward\":\(answer.reward)}\n" }
        try Data(rewards.utf8).write(to: URL(fileURLWithPath: folder.rewardsPath))
    }
}
