import Inference
import ValueRegistry

/// Which value functions there are, and what steering by them did. Only those that the registry has, or had, are named.
package struct HeadMetrics: MetricSource {
    private let registry: ValueRegistry
    private let pool: WorkerPool
    private let quarantine: HeadQuarantine

    package init(registry: ValueRegistry, pool: WorkerPool, quarantine: HeadQuarantine) {
        self.registry = registry
        self.pool = pool
        self.quarantine = quarantine
    }

    package func write(to writer: inout PrometheusWriter) {
        let heads = registry.list()
        writer.family("rudder_heads", .gauge, "Value functions that requests can name.")
        writer.sample(heads.count)
        writer.family("rudder_heads_quarantined", .gauge, "Versions that steer no more, for their control was not finite again and again.")
        writer.sample(quarantine.count)
        writer.family("rudder_head_latest_version", .gauge, "The newest version of the value function.")
        for head in heads { writer.sample(head.version, ["head": head.name]) }
        let changes = registry.statistics
        writer.family("rudder_heads_uploaded_total", .counter, "Versions of value functions that were uploaded to this server.")
        writer.sample(changes.uploads)
        writer.family("rudder_heads_removed_total", .counter, "Value functions that were removed from this server.")
        writer.sample(changes.removals)
        writeControl(names: heads.map(\.name), pool.statistics.heads, to: &writer)
    }

    /// A head that has steered nothing yet counts 0, so that its first tokens are a rise.
    private func writeControl(names: [String], _ steered: [String: HeadStatistics], to writer: inout PrometheusWriter) {
        let all = steered.merging(names.map { ($0, HeadStatistics()) }) { steered, _ in steered }.sorted { $0.key < $1.key }
        writer.family("rudder_control_tokens_total", .counter, "Tokens that the value function steered, of sequences that have ended.")
        for (name, statistics) in all { writer.sample(statistics.tokens, ["head": name]) }
        writer.family("rudder_control_steps_total", .counter, "Gradient steps that were taken for them.")
        for (name, statistics) in all { writer.sample(statistics.steps, ["head": name]) }
        writer.family("rudder_control_seconds_total", .counter, "Time that they took; heads of a mixture share it.")
        for (name, statistics) in all { writer.sample(statistics.seconds, ["head": name]) }
        writer.family(
            "rudder_control_value_gain",
            .histogram,
            "By how much a sequence's value rose, its tokens' mean; mixtures not counted."
        )
        for (name, statistics) in all { writer.sample(statistics.valueGain, ["head": name]) }
    }
}
