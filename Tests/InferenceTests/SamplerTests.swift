import Compute
import Foundation
import Inference
import Testing

@Suite("Sampler")
struct SamplerTests {
    private func parameters(_ change: (inout SamplingParameters) -> Void) -> SamplingParameters {
        var parameters = SamplingParameters()
        parameters.seed = 1
        change(&parameters)
        return parameters
    }

    /// Draws many tokens from one row of logits.
    private func draw(_ count: Int, _ logits: [Float], _ parameters: SamplingParameters, prompt: [Int32] = []) -> [Int32] {
        var sampler = Sampler(parameters: parameters, prompt: prompt)
        let workspace = SamplerWorkspace()
        let row = FloatMatrix(rows: 1, columns: logits.count)
        return (0..<count).map { _ in
            row.setRow(0, to: logits)
            return row.withMutableRow(0) { logits in
                sampler.sample(&logits, likeliest: FloatKernels.largest(logits.span)?.index ?? 0, workspace: workspace)
            }
        }
    }

    private func share(_ token: Int32, _ tokens: [Int32]) -> Double {
        Double(tokens.filter { $0 == token }.count) / Double(tokens.count)
    }

    @Test("temperature 0 takes the likeliest token, the first of equals")
    func greedy() {
        #expect(draw(3, [0, 2, 1, 2], parameters { $0.temperature = 0 }) == [1, 1, 1])
    }

    @Test("tokens come as often as their probabilities say, at any temperature")
    func frequencies() {
        let logits: [Float] = [0, 1, 2, -.greatestFiniteMagnitude]
        for temperature: Float in [0.5, 1, 2] {
            let weights = logits.map { exp(Double($0 / temperature)) }
            let tokens = draw(20_000, logits, parameters { $0.temperature = temperature })
            for token in 0..<4 {
                #expect(abs(share(Int32(token), tokens) - weights[token] / weights.reduce(0, +)) < 0.015)
            }
        }
    }

    @Test("a seed gives the same tokens again, another seed others")
    func seeds() {
        let logits = (0..<100).map { Float($0 % 7) }
        let first = draw(50, logits, parameters { $0.seed = 5 })
        #expect(first == draw(50, logits, parameters { $0.seed = 5 }))
        #expect(first != draw(50, logits, parameters { $0.seed = 6 }))
    }

    @Test("top-k, top-p and min-p leave the tokens they should, and their shares in proportion")
    func truncation() {
        // Probabilities 0.5, 0.25, 0.125, 0.125.
        let logits: [Float] = [2, 1, 0, 0].map { $0 * logf(2) }
        func kept(_ change: (inout SamplingParameters) -> Void) -> Set<Int32> { Set(draw(3000, logits, parameters(change))) }
        #expect(kept { $0.topK = 1 } == [0])
        #expect(kept { $0.topK = 3 } == [0, 1, 2])
        #expect(kept { $0.topP = 0.4 } == [0])
        #expect(kept { $0.topP = 0.6 } == [0, 1])
        #expect(kept { $0.topP = 0.76 } == [0, 1, 2])
        #expect(kept { $0.minP = 0.3 } == [0, 1])
        #expect(kept { $0.minP = 1 } == [0])
        #expect(
            kept {
                $0.topK = 3
                $0.topP = 0.7
            } == [0, 1]
        )
        let tokens = draw(20_000, logits, parameters { $0.topK = 2 })
        #expect(abs(share(0, tokens) - 2.0 / 3) < 0.015)
    }

    @Test("top-p over a vocabulary of thousands keeps what sorting all of it keeps")
    func largeNucleus() {
        let logits = (0..<5000).map { Float(($0 * 7919) % 5000) / 600 }
        let sorted = logits.indices.sorted { logits[$0] > logits[$1] }
        let total = logits.reduce(0.0) { $0 + exp(Double($1)) }
        var (sum, expected): (Double, Set<Int32>) = (0, [])
        for index in sorted where sum < 0.3 * total {
            sum += exp(Double(logits[index]))
            expected.insert(Int32(index))
        }
        let tokens = Set(draw(20_000, logits, parameters { $0.topP = 0.3 }))
        #expect(tokens.isSubset(of: expected))
        #expect(tokens.count > expected.count * 9 / 10)
    }

    @Test("top-p over nearly equal tokens keeps the likeliest ones and their share")
    func flatNucleus() {
        // So flat that no token is improbable enough to be passed over.
        let logits = (0..<600).map { Float(($0 * 7919) % 600) / 6000 }
        let sorted = logits.indices.sorted { logits[$0] > logits[$1] }
        for topP: Float in [0.01, 0.25, 0.9, 0.999] {
            let total = logits.reduce(0.0) { $0 + exp(Double($1)) }
            var (sum, expected): (Double, Set<Int32>) = (0, [])
            for index in sorted where sum < Double(topP) * total {
                sum += exp(Double(logits[index]))
                expected.insert(Int32(index))
            }
            // One more or less where the sum comes out at the bound.
            let tokens = Set(draw(6000, logits, parameters { $0.topP = topP }))
            #expect(tokens.subtracting(expected).count <= 1)
            #expect(tokens.count > expected.count * 9 / 10)
        }
    }

    @Test("of equal tokens top-p and top-k keep those with the smaller ids")
    func ties() {
        let logits = [Float](repeating: 1, count: 400)
        #expect(Set(draw(4000, logits, parameters { $0.topP = 0.1 })).isSubset(of: Set(0..<41)))
        #expect(Set(draw(4000, logits, parameters { $0.topK = 5 })) == Set(0..<5))
    }

    @Test("the smallest temperatures and penalties there are choose the likeliest token, and no number that is none comes up")
    func extremes() {
        for temperature: Float in [.leastNonzeroMagnitude, .leastNormalMagnitude / 8, 1e-20] {
            #expect(Set(draw(50, [0, 1, 5, 4.9], parameters { $0.temperature = temperature })) == [2])
            #expect(
                Set(
                    draw(
                        50,
                        [0, 1, 5, 4.9],
                        parameters {
                            $0.temperature = temperature
                            $0.topP = 0.9
                            $0.topK = 3
                        }
                    )
                ) == [2]
            )
        }
        for penalty: Float in [.leastNonzeroMagnitude, .greatestFiniteMagnitude] {
            // Token 2 occurred: its logit becomes as large, or as small, as a number can be.
            let tokens = Set(draw(20, [0, 1, 5, -.greatestFiniteMagnitude], parameters { $0.repetitionPenalty = penalty }, prompt: [2]))
            #expect(tokens.isSubset(of: [0, 1, 2]))
            #expect(penalty > 1 || tokens == [2])
        }
    }

    @Test("a draw from thousands of tokens has the shares of their probabilities")
    func manyTokens() {
        let logits = (0..<2000).map { $0 % 2 == 0 ? Float(0) : log(3) }
        let tokens = draw(20_000, logits, parameters { _ in })
        #expect(abs(Double(tokens.filter { $0 % 2 == 1 }.count) / 20_000 - 0.75) < 0.015)
        #expect(abs(Double(tokens.filter { $0 < 500 }.count) / 20_000 - 0.25) < 0.015)
    }

    @Test("bias and penalties change the logits as the OpenAI interface and llama.cpp have it")
    func penalties() {
        #expect(
            draw(
                1,
                [0, 1],
                parameters {
                    $0.temperature = 0
                    $0.logitBias = [0: 5, 99: 5, -1: 5]
                }
            ) == [0]
        )
        // The winner is penalized once it was generated, so the tokens take turns.
        #expect(
            draw(
                4,
                [1, 0.9, 0],
                parameters {
                    $0.temperature = 0
                    $0.frequencyPenalty = 0.5
                }
            ) == [0, 1, 0, 1]
        )
        #expect(
            draw(
                4,
                [1, 0.9, 0],
                parameters {
                    $0.temperature = 0
                    $0.presencePenalty = 2
                }
            ) == [0, 1, 2, 0]
        )
        // The prompt counts for the repetition penalty, positive and negative logits move down.
        #expect(
            draw(
                1,
                [1, 0.9],
                parameters {
                    $0.temperature = 0
                    $0.repetitionPenalty = 2
                },
                prompt: [0]
            ) == [1]
        )
        #expect(
            draw(
                1,
                [-1, -1.5],
                parameters {
                    $0.temperature = 0
                    $0.repetitionPenalty = 2
                },
                prompt: [0, 7]
            ) == [1]
        )
    }

    @Test("each parameter out of range is named")
    func validates() {
        let changes: [(String, (inout SamplingParameters) -> Void)] = [
            ("temperature", { $0.temperature = -0.1 }), ("temperature", { $0.temperature = .nan }), ("top_p", { $0.topP = 0 }),
            ("top_p", { $0.topP = 1.1 }), ("top_k", { $0.topK = 0 }), ("min_p", { $0.minP = 2 }),
            ("repetition_penalty", { $0.repetitionPenalty = 0 }), ("presence_penalty", { $0.presencePenalty = 3 }),
            ("frequency_penalty", { $0.frequencyPenalty = -3 }), ("logit_bias", { $0.logitBias = [1: 101] }),
        ]
        for (field, change) in changes {
            let error = #expect(throws: SamplingParametersError.self) { try parameters(change).validate() }
            #expect(error?.field == field)
        }
        #expect(throws: Never.self) { try SamplingParameters().validate() }
    }
}
