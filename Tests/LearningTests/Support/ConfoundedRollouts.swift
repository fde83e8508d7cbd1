import Compute
import Foundation
import Inference
import Learning
import ModelFiles

/// Rollouts of a made-up model in which what goes along with high rewards is not what causes them: the first number of a state tells most of the reward,
/// but decides only which of two tokens of the same worth is taken; on the others it depends which pair of tokens is.
struct ConfoundedRollouts {
    static let width = 6
    static let vocabulary = 8
    let folder: RolloutFolder
    /// The model's output matrix.
    let output: FloatMatrix
    /// The mean of what a token is worth, by token.
    let worth: [Double]

    /// Samples answers and writes them.
    init(path: String, prompts: Int, samples: Int, length: Int, temperature: Float = 1, topP: Float = 1) throws {
        folder = RolloutFolder(path: path)
        var random = RandomSource(seed: 17)
        output = FloatMatrix(rows: Self.vocabulary, columns: Self.width)
        for pair in 0..<Self.vocabulary / 2 {
            let shared = (1..<Self.width).map { _ in Float(random.uniform() * 2 - 1) }
            output.setRow(2 * pair, to: [1.5] + shared)
            output.setRow(2 * pair + 1, to: [-1.5] + shared)
        }
        worth = (0..<Self.vocabulary).map { $0 < 4 ? 1 : 0 }
        var (lines, halves, rewards) = ("", [UInt8](), "{\"source\":\"made up\"}\n")
        for index in 0..<prompts * samples {
            let mood = random.uniform() * 2 - 1
            var (tokens, reward) = ([Int](), 4 * mood)
            for _ in 0..<length {
                var state = (0..<Self.width).map { _ in Float(Float16(random.uniform() * 2 - 1)) }
                state[0] = Float(Float16(mood))
                halves += state.flatMap { withUnsafeBytes(of: Float16($0).bitPattern.littleEndian, Array.init) }
                let token = sample(state, random.uniform())
                tokens.append(token)
                reward += worth[token]
            }
            lines += """
                {"index":\(index),"prompt":{"id":"p\(index / samples)","prompt":"ask \(index / samples)"},"sample":\(index % samples),"seed":1,\
                "response":"answer","tokens":\(tokens),"finish_reason":"length","shard":0,"row":\(index * length)}\n
                """
            rewards += "{\"index\":\(index),\"reward\":\(reward)}\n"
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let rows = prompts * samples * length
        try SafetensorsWriter.write(
            tensors: [.init(name: "states", type: .f16, shape: [rows, Self.width], bytes: halves)],
            to: folder.shardPath(0)
        )
        let manifest = """
            {"format":"rudder.rollouts.v1","model":"made-up","model_sha256":"abc","hidden_size":\(Self.width),"site":"final_norm",\
            "prompts_sha256":"def","prompts":\(prompts),"options":{"samples":\(samples),"max_tokens":64,"temperature":\(temperature),"top_p":\(topP),\
            "seed":0,"raw":true}}\n
            """
        for (file, text) in [(folder.rolloutsPath, lines), (path + "/rollouts.json", manifest), (folder.rewardsPath, rewards)] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        }
    }

    /// The probability of each token in a state.
    func probabilities(_ state: [Float]) -> [Double] {
        let logits = (0..<Self.vocabulary).map { token in zip(output.row(token), state).reduce(0) { $0 + Double($1.0 * $1.1) } }
        let sum = logits.reduce(0) { $0 + exp($1) }
        return logits.map { exp($0) / sum }
    }

    private func sample(_ state: [Float], _ uniform: Double) -> Int {
        var rest = uniform
        for (token, probability) in probabilities(state).enumerated() {
            rest -= probability
            if rest < 0 { return token }
        }
        return Self.vocabulary - 1
    }
}
