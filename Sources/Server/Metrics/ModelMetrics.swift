import Inference

/// What the workers of each model do and have done.
package struct ModelMetrics: MetricSource {
    private let pool: WorkerPool

    package init(pool: WorkerPool) {
        self.pool = pool
    }

    package func write(to writer: inout PrometheusWriter) {
        writeStatus(pool.status.models, to: &writer)
        let models = pool.statistics.models
        writeCounts(models, to: &writer)
        writeTimes(models, to: &writer)
    }

    private func writeStatus(_ models: [PoolStatus.Model], to writer: inout PrometheusWriter) {
        writer.family("rudder_workers", .gauge, "Workers of the model.")
        for model in models { writer.sample(model.workers, ["model": model.id]) }
        writer.family("rudder_workers_up", .gauge, "Workers of the model that are up.")
        for model in models { writer.sample(model.up, ["model": model.id]) }
        writer.family("rudder_requests_running", .gauge, "Sequences that run.")
        for model in models { writer.sample(model.running, ["model": model.id]) }
        writer.family("rudder_requests_waiting", .gauge, "Sequences that wait to run.")
        for model in models { writer.sample(model.queued, ["model": model.id]) }
        writer.family("rudder_kv_cache_usage_ratio", .gauge, "Part of the KV cache that sequences hold, 0 to 1.")
        for model in models {
            writer.sample(model.blocks > 0 ? Double(model.usedBlocks) / Double(model.blocks) : 0, ["model": model.id])
        }
        writer.family(
            "rudder_kv_cache_blocks",
            .gauge,
            "Blocks of the KV cache: used by sequences, cached for those that begin alike, or free."
        )
        for model in models {
            writer.sample(model.usedBlocks, ["model": model.id, "state": "used"])
            writer.sample(model.cachedBlocks, ["model": model.id, "state": "cached"])
            writer.sample(max(0, model.blocks - model.usedBlocks - model.cachedBlocks), ["model": model.id, "state": "free"])
        }
    }

    private func writeCounts(_ models: [PoolStatistics.Model], to writer: inout PrometheusWriter) {
        func counter(_ name: String, _ help: String, _ value: (ModelStatistics) -> Int) {
            writer.family(name, .counter, help)
            for model in models { writer.sample(value(model.statistics), ["model": model.id]) }
        }
        writer.family("rudder_requests_total", .counter, "Sequences that ended, by how.")
        for model in models {
            for end in SequenceEnd.allCases {
                writer.sample(model.statistics.ended[end] ?? 0, ["model": model.id, "finish_reason": end.rawValue])
            }
        }
        counter("rudder_prompt_tokens_total", "Tokens of the prompts of sequences that were begun.") { $0.promptTokens }
        counter("rudder_generation_tokens_total", "Tokens that were generated.") { $0.generatedTokens }
        counter("rudder_controlled_tokens_total", "Generated tokens that were steered, each once, of sequences that have ended.") {
            $0.controlledTokens
        }
        counter("rudder_prefix_cache_queries_total", "Tokens of prompts that were looked for in the KV cache.") { $0.prefixQueries }
        counter("rudder_prefix_cache_hits_total", "Tokens of prompts that were found in the KV cache.") { $0.prefixHits }
        counter("rudder_worker_failures_total", "Times that a worker failed, or could not start.") { $0.workerFailures }
    }

    private func writeTimes(_ models: [PoolStatistics.Model], to writer: inout PrometheusWriter) {
        func histogram(_ name: String, _ help: String, _ value: (ModelStatistics) -> Histogram) {
            writer.family(name, .histogram, help)
            for model in models { writer.sample(value(model.statistics), ["model": model.id]) }
        }
        histogram("rudder_time_to_first_token_seconds", "Time from a sequence's arrival to its first token.") { $0.timeToFirstToken }
        histogram("rudder_time_per_output_token_seconds", "Time from each token of a sequence to the next.") { $0.timePerOutputToken }
        histogram("rudder_request_queue_time_seconds", "Time from a sequence's arrival to the first step that computes for it.") {
            $0.queueTime
        }
        histogram("rudder_request_latency_seconds", "Time from a sequence's arrival to its end, however it ended.") { $0.latency }
    }
}
