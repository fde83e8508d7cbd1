import Server
import TestSupport
import Testing

@Suite("metrics", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct MetricsServerTests {
    private static func body(_ tokens: Int, _ further: String = "") -> String {
        #"{"model": "tiny", "prompt": [5, 6, 7], "max_tokens": \#(tokens), "temperature": 0, "ignore_eos": true\#(further)}"#
    }

    /// Plain, streamed, steered and refused requests, one of each kind.
    private func ask(_ server: TestServer) async throws {
        let client = server.client
        try await server.upload("mine", seed: 1)
        try await server.upload("mine", seed: 2)
        try await server.upload("gone")
        #expect(try await client.send("DELETE", "/admin/v1/heads/gone").status == 200)
        #expect(try await client.post("/v1/completions", Self.body(6)).status == 200)
        #expect(try await client.post("/v1/completions", Self.body(5, #", "stream": true"#)).status == 200)
        let control = #", "control": {"head": "mine", "steps": 4, "step_size": 0.1}"#
        #expect(try await client.post("/v1/completions", Self.body(4, control)).status == 200)
        #expect(try await client.post("/v1/completions", Self.body(4).replacingOccurrences(of: "tiny", with: "huge")).status == 404)
        #expect(try await client.post("/v1/completions", "{").status == 400)
        #expect(try await client.send("GET", "/v1/completions").status == 405)
        #expect(try await client.send("GET", "/v1/models/nobody").status == 404)
        #expect(try await client.send("BREW", "/coffee/1").status == 404)
        #expect(try await client.send("GET", "/coffee/2").status == 404)
        #expect(try await client.send("GET", "/%zz").status == 400)
        #expect(try await client.send("GET", "/health", fields: [("X-Long", String(repeating: "a", count: 40_000))]).status == 431)
    }

    @Test("every request, token and step is counted once")
    func counts() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await ask(server)
            let metrics = try await server.metrics {
                $0[#"rudder_http_requests_total{method="other",route="other",status="431"}"#] == 1
            }
            let expected: [String: Double] = [
                #"rudder_http_requests_total{method="PUT",route="/admin/v1/heads/{name}",status="201"}"#: 2,
                #"rudder_http_requests_total{method="PUT",route="/admin/v1/heads/{name}",status="200"}"#: 1,
                #"rudder_http_requests_total{method="DELETE",route="/admin/v1/heads/{name}",status="200"}"#: 1,
                #"rudder_http_requests_total{method="POST",route="/v1/completions",status="200"}"#: 3,
                #"rudder_http_requests_total{method="POST",route="/v1/completions",status="404"}"#: 1,
                #"rudder_http_requests_total{method="POST",route="/v1/completions",status="400"}"#: 1,
                #"rudder_http_requests_total{method="GET",route="/v1/completions",status="405"}"#: 1,
                #"rudder_http_requests_total{method="GET",route="/v1/models/{id}",status="404"}"#: 1,
                #"rudder_http_requests_total{method="other",route="other",status="404"}"#: 1,
                #"rudder_http_requests_total{method="GET",route="other",status="404"}"#: 1,
                #"rudder_http_requests_total{method="GET",route="other",status="400"}"#: 1,
                #"rudder_http_request_duration_seconds_count{route="/v1/completions"}"#: 6,
                #"rudder_http_request_duration_seconds_bucket{route="/v1/completions",le="+Inf"}"#: 6,
                #"rudder_requests_total{model="tiny",finish_reason="length"}"#: 3,
                #"rudder_requests_total{model="tiny",finish_reason="stop"}"#: 0,
                #"rudder_requests_total{model="tiny",finish_reason="error"}"#: 0,
                #"rudder_requests_total{model="tiny",finish_reason="cancelled"}"#: 0,
                #"rudder_requests_running{model="tiny"}"#: 0,
                #"rudder_requests_waiting{model="tiny"}"#: 0,
                #"rudder_prompt_tokens_total{model="tiny"}"#: 9,
                #"rudder_generation_tokens_total{model="tiny"}"#: 15,
                #"rudder_prefix_cache_queries_total{model="tiny"}"#: 9,
                #"rudder_prefix_cache_hits_total{model="tiny"}"#: 0,
                #"rudder_time_to_first_token_seconds_count{model="tiny"}"#: 3,
                #"rudder_time_per_output_token_seconds_count{model="tiny"}"#: 12,
                #"rudder_request_queue_time_seconds_count{model="tiny"}"#: 3,
                #"rudder_request_latency_seconds_count{model="tiny"}"#: 3,
                #"rudder_kv_cache_blocks{model="tiny",state="used"}"#: 0,
                #"rudder_kv_cache_usage_ratio{model="tiny"}"#: 0,
                #"rudder_workers{model="tiny"}"#: 1,
                #"rudder_workers_up{model="tiny"}"#: 1,
                #"rudder_worker_failures_total{model="tiny"}"#: 0,
                #"rudder_controlled_tokens_total{model="tiny"}"#: 4,
                #"rudder_control_tokens_total{head="mine"}"#: 4,
                #"rudder_control_steps_total{head="mine"}"#: 16,
                #"rudder_control_value_gain_count{head="mine"}"#: 1,
                #"rudder_head_latest_version{head="mine"}"#: 2,
                "rudder_heads": 1,
                "rudder_heads_uploaded_total": 3,
                "rudder_heads_removed_total": 1,
            ]
            for (sample, value) in expected { #expect(metrics[sample] == value, "\(sample)") }
            // What no head was is no label, and a head that is gone and steered nothing neither.
            #expect(!metrics.samples.keys.contains { $0.contains("gone") || $0.contains("coffee") || $0.contains("BREW") })
            #expect(metrics[#"rudder_control_seconds_total{head="mine"}"#] ?? 0 > 0)
            #expect(metrics[#"rudder_control_value_gain_sum{head="mine"}"#] ?? 0 > 0)
            #expect(metrics["rudder_http_connections"] ?? 0 >= 1)
            #expect(metrics.sum("rudder_build_info") == 1)
            #expect(metrics["process_resident_memory_bytes"] ?? 0 > 1e6 && metrics["process_open_fds"] ?? 0 > 3)
            #expect(metrics["process_max_fds"] ?? 0 > metrics["process_open_fds"] ?? 0)
            let started = try #require(metrics["process_start_time_seconds"])
            #expect(started > 1.7e9 && metrics["process_cpu_seconds_total"] ?? 0 > 0)
        }
    }

    @Test("a client that goes away counts as cancelled: under the status it saw, or 499 where it saw none")
    func cancelled() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let streamed = try await server.client.open(
                "POST",
                "/v1/completions",
                body: Array(Self.body(1900, #", "stream": true"#).utf8)
            )
            _ = try await streamed.read(until: "text_completion")
            let during = try await server.metrics { $0[#"rudder_generation_tokens_total{model="tiny"}"#] ?? 0 > 0 }
            #expect(during[#"rudder_requests_running{model="tiny"}"#] == 1)
            streamed.close()
            // The first must be gone before the second is waited for.
            _ = try await server.metrics { $0[#"rudder_requests_running{model="tiny"}"#] == 0 }
            let whole = try await server.client.open("POST", "/v1/completions", body: Array(Self.body(1900).utf8))
            for _ in 0..<500 where server.running == 0 { try await Task.sleep(for: .milliseconds(10)) }
            whole.close()
            let metrics = try await server.metrics {
                $0[#"rudder_requests_total{model="tiny",finish_reason="cancelled"}"#] == 2
                    && $0.sum("rudder_http_requests_total", where: #"route="/v1/completions""#) == 2
                    // The worker tells how many run after it has counted who left.
                    && $0[#"rudder_requests_running{model="tiny"}"#] == 0
            }
            #expect(metrics[#"rudder_http_requests_total{method="POST",route="/v1/completions",status="200"}"#] == 1)
            #expect(metrics[#"rudder_http_requests_total{method="POST",route="/v1/completions",status="499"}"#] == 1)
            #expect(metrics[#"rudder_request_latency_seconds_count{model="tiny"}"#] == 2)
            for (sample, value) in during.samples where sample.contains("_total") {
                #expect(metrics[sample] ?? 0 >= value, "\(sample) has fallen")
            }
        }
    }

    @Test("promtool finds nothing to complain of", .enabled(if: PromTool.path != nil, "needs promtool, from Debian's package prometheus"))
    func promtool() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let idle = try await server.client.send("GET", "/metrics")
            #expect(idle.status == 200 && idle.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(try PromTool.check(idle.body) == (0, ""))
            try await ask(server)
            let busy = try await server.client.send("GET", "/metrics").body
            #expect(try PromTool.check(busy) == (0, ""))
            // It does see what is wrong.
            #expect(try PromTool.check(busy + Array("rudder_heads{ 1\n".utf8)).status != 0)
            #expect(try PromTool.check(busy + Array("# TYPE rudder_things counter\nrudder_things 1\n".utf8)).status != 0)
        }
    }

    @Test("metrics are open where the admin API is closed")
    func open() async throws {
        try await TestServer.run(configure: { try $0.access.adminTokens = [SecretHash(of: "secret")] }) {
            (server: TestServer) async throws in
            #expect(try await server.client.send("GET", "/metrics").status == 200)
            #expect(try await server.client.send("GET", "/admin/v1/heads").status == 401)
        }
    }
}
