import Foundation

extension EvaluationReport {
    /// The tables.
    public var markdown: String {
        var text = "# \(head)\n\n"
        text += "\(model), \(promptCount) prompts, at most \(plan.answers.maximumTokens) tokens, "
        text += plan.answers.temperature == 0 ? "greedy decoding" : "temperature \(plan.answers.temperature)"
        text += ". Means with 95% bootstrap intervals over the prompts.\n\n"
        text += "Control\(site == .finalNorm ? "" : " at `\(site)`"): \(settingsText).\n\n"
        text += table(results)
        text += "\n## Against the base\n\n" + gainTable
        if !sweep.isEmpty { text += "\n## Strength\n\n" + sweepTable + "\n![reward against diversity](sweep.svg)\n" }
        return text
    }

    private var settingsText: String {
        var parts = ["`steps` \(settings.steps)", "`step_size` \(number(Double(settings.stepSize)))"]
        if settings.regularization > 0 { parts.append("`regularization` \(number(Double(settings.regularization)))") }
        for (name, value) in [("max_norm", settings.maxNorm), ("kl_budget", settings.klBudget), ("target_value", settings.targetValue)] {
            if let value { parts.append("`\(name)` \(number(Double(value)))") }
        }
        return parts.joined(separator: ", ")
    }

    private var scoreNames: [String] {
        [rewardName] + judgeNames + (coherenceName.map { [$0] } ?? [])
    }

    private func table(_ results: [MethodResult]) -> String {
        var rows = [["method"] + scoreNames + ["diversity", "win rate", "KL, nats", "\\|u\\|/\\|h\\|", "tokens/s"]]
        for result in results {
            var row = [name(result)]
            row += scoreNames.map { interval(Interval(bootstrapping: result.scores[$0] ?? [])) }
            row.append(interval(Interval(bootstrapping: result.diversity)))
            row.append(result.method == .base ? "" : winRate(result).map { interval($0, digits: 2) } ?? "")
            row.append(result.kl.isEmpty ? "" : number(Statistics.mean(result.kl)))
            row.append(result.norm.isEmpty ? "" : number(Statistics.mean(result.norm)))
            row.append(String(format: "%.0f", result.tokensPerSecond))
            rows.append(row)
        }
        return Self.table(rows)
    }

    private var gainTable: String {
        var rows = [["method"] + scoreNames + ["diversity"]]
        for result in results where result.method != .base {
            var row = [name(result)] + scoreNames.map { gain(result, $0).map { interval($0, isSigned: true) } ?? "" }
            let change = zip(result.diversity, base?.diversity ?? []).map { $0 - $1 }
            row.append(interval(Interval(bootstrapping: change), isSigned: true))
            rows.append(row)
        }
        return Self.table(rows)
    }

    private var sweepTable: String {
        var rows = [["method", "strength"] + scoreNames + ["diversity", "KL, nats", "\\|u\\|/\\|h\\|"]]
        for result in sweep {
            var row = [result.method.rawValue, result.strength.map { number(Double($0)) } ?? ""]
            row += scoreNames.map { number(Statistics.mean(result.scores[$0] ?? [])) }
            row.append(number(Statistics.mean(result.diversity)))
            row.append(result.kl.isEmpty ? "" : number(Statistics.mean(result.kl)))
            row.append(number(Statistics.mean(result.norm)))
            rows.append(row)
        }
        return Self.table(rows)
    }

    private func name(_ result: MethodResult) -> String {
        switch result.method {
        case .bestOf: "best of \(plan.bestOf)"
        case .staticEdit: "static, \(number(Double(result.strength ?? 0)))"
        case .base, .prompt, .controlledDecoding, .control: result.method.rawValue
        }
    }

    private func interval(_ interval: Interval, digits: Int = 3, isSigned: Bool = false) -> String {
        let form = isSigned ? "%+.\(digits)f [%+.\(digits)f, %+.\(digits)f]" : "%.\(digits)f [%.\(digits)f, %.\(digits)f]"
        return String(format: form, interval.mean, interval.low, interval.high)
    }

    private func number(_ value: Double) -> String {
        let text = String(format: "%.3f", value)
        guard text.contains(".") else { return text }
        let trimmed = text.reversed().drop { $0 == "0" }.reversed()
        return String(trimmed.last == "." ? trimmed.dropLast() + "" : trimmed + "")
    }

    private static func table(_ rows: [[String]]) -> String {
        var text = ""
        for (index, row) in rows.enumerated() {
            text += "| " + row.joined(separator: " | ") + " |\n"
            if index == 0 { text += "|" + String(repeating: " --- |", count: row.count) + "\n" }
        }
        return text
    }
}
