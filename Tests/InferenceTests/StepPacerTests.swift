import Foundation
import Inference
import Testing

@Suite("Pacing of prompts beside decodes")
struct StepPacerTests {
    /// A machine whose steps take known times, but for some noise.
    private struct Machine {
        var fixed = 0.006
        var decode = 0.002
        var token = 0.003
        var position = 0.5e-6
        var noise = 0.1
        var generator = SystemRandomNumberGenerator()

        mutating func time(_ work: StepWork) -> Double {
            let exact = fixed + decode * Double(work.decoding) + token * Double(work.promptTokens) + position * Double(work.promptPositions)
            return exact * (1 + Double.random(in: 0...noise, using: &generator))
        }
    }

    /// Computes a prompt beside sequences that decode, and returns what each step took.
    private func run(_ machine: inout Machine, _ pacer: inout StepPacer, decoding: Int, prompt: Int) throws -> [Double] {
        var (times, done, idle) = ([Double](), 0, 0)
        while done < prompt {
            var work = StepWork()
            work.decoding = decoding
            let seconds = try #require(pacer.promptSeconds(decoding: decoding))
            if seconds > 0 {
                let count = min(max(1, pacer.tokenCount(seconds: seconds, from: done)), prompt - done, 256 - decoding)
                work.addPrompt(count, from: done)
                done += count
                idle = 0
            } else {
                idle += 1
                try #require(idle < 2)
            }
            times.append(machine.time(work))
            pacer.note(work, seconds: try #require(times.last))
        }
        return times
    }

    private func percentile(_ share: Double, _ times: [Double]) -> Double {
        times.sorted()[Int(Double(times.count - 1) * share)]
    }

    @Test("with nobody decoding there is no bound")
    func unbounded() {
        #expect(StepPacer(maximumSequences: 4).promptSeconds(decoding: 0) == nil)
    }

    @Test("steps stay near twice the plain time while a long prompt comes in, and use that time", arguments: [1, 8])
    func holds(decoding: Int) throws {
        var (machine, pacer) = (Machine(), StepPacer(maximumSequences: 16))
        let times = try run(&machine, &pacer, decoding: decoding, prompt: 4000)
        let plain = machine.fixed + machine.decode * Double(decoding)
        #expect(percentile(0.95, times) < 2.5 * plain)
        let tokens = 4000 / Double(times.count)
        #expect(tokens > 0.6 * plain / (machine.token + machine.position * 4000))
    }

    @Test("a prompt that starts far into its sequence is paced by what attention costs there")
    func positions() throws {
        var (machine, pacer) = (Machine(), StepPacer(maximumSequences: 16))
        machine.noise = 0
        machine.position = 3e-6
        _ = try run(&machine, &pacer, decoding: 2, prompt: 2000)
        let plain = machine.fixed + 2 * machine.decode
        let seconds = try #require(pacer.promptSeconds(decoding: 2))
        #expect(abs(seconds - plain) < 0.1 * plain)
        let count = Double(pacer.tokenCount(seconds: 10 * plain, from: 3000))
        let right = 10 * plain / (machine.token + machine.position * 3000)
        #expect(count > 0.7 * right && count < 1.3 * right)
    }

    @Test("a machine that becomes slower, or a lone slow step, does not throw the estimates off for long")
    func follows() throws {
        var (machine, pacer) = (Machine(), StepPacer(maximumSequences: 16))
        _ = try run(&machine, &pacer, decoding: 4, prompt: 1000)
        machine.fixed *= 3
        machine.decode *= 3
        machine.token *= 3
        _ = try run(&machine, &pacer, decoding: 4, prompt: 1000)
        let plain = machine.fixed + 4 * machine.decode
        #expect(percentile(0.95, try run(&machine, &pacer, decoding: 4, prompt: 1000)) < 2.6 * plain)
        var work = StepWork()
        work.decoding = 4
        pacer.note(work, seconds: 100 * plain)
        #expect((pacer.promptSeconds(decoding: 4) ?? .infinity) < 1.5 * plain)
    }
}
