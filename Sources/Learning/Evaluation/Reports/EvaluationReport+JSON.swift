import Control

extension EvaluationReport {
    /// The file `results.json`: every number, prompt by prompt.
    struct Document: Encodable {
        let head: String
        let site: String
        let model: String
        let prompts: Int
        let answers: AnswerSettings
        let control: [String: Float]
        let reward: String
        let judges: [String]
        let coherence: String?
        let methods: [Method]
        let sweep: [Method]
    }

    /// One method at one strength.
    struct Method: Encodable {
        let method: EvaluationMethod
        let strength: Float?
        let means: [String: Interval]
        let gains: [String: Interval]
        let diversity: Interval
        let winRate: Interval?
        let kl: Double?
        let norm: Double?
        /// Nil along the sweep, whose answers were timed with the measuring of divergences.
        let tokensPerSecond: Double?
        let scores: [String: [Double]]

        private enum CodingKeys: String, CodingKey {
            case method, strength, means, gains, diversity, kl, norm, scores
            case winRate = "win_rate"
            case tokensPerSecond = "tokens_per_second"
        }
    }

    var document: Document {
        var control: [String: Float] = [
            "steps": Float(settings.steps), "step_size": settings.stepSize, "regularization": settings.regularization,
        ]
        control["max_norm"] = settings.maxNorm
        control["kl_budget"] = settings.klBudget
        control["target_value"] = settings.targetValue
        return Document(
            head: head,
            site: site.description,
            model: model,
            prompts: promptCount,
            answers: plan.answers,
            control: control,
            reward: rewardName,
            judges: judgeNames,
            coherence: coherenceName,
            methods: results.map { method($0, isTimed: true) },
            sweep: sweep.map { method($0, isTimed: false) }
        )
    }

    private func method(_ result: MethodResult, isTimed: Bool) -> Method {
        var gains: [String: Interval] = [:]
        for name in result.scores.keys { gains[name] = gain(result, name) }
        return Method(
            method: result.method,
            strength: result.strength,
            means: result.scores.mapValues { Interval(bootstrapping: $0) },
            gains: gains,
            diversity: Interval(bootstrapping: result.diversity),
            winRate: winRate(result),
            kl: result.kl.isEmpty ? nil : Statistics.mean(result.kl),
            norm: result.norm.isEmpty ? nil : Statistics.mean(result.norm),
            tokensPerSecond: isTimed ? result.tokensPerSecond : nil,
            scores: result.scores
        )
    }
}
