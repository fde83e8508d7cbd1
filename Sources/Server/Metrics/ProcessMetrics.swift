/// What the process takes of the machine, by the names that Prometheus' own clients use, as far as the system tells.
package struct ProcessMetrics: MetricSource {
    package init() {}

    package func write(to writer: inout PrometheusWriter) {
        writer.family("rudder_build_info", .gauge, "Always 1; the labels tell what runs.")
        writer.sample(1, ["version": BuildInformation.version, "swift": BuildInformation.swift])
        guard let statistics = ProcessStatistics() else { return }
        writer.family("process_start_time_seconds", .gauge, "When the process started, in seconds since 1970.")
        writer.sample(statistics.startTime)
        writer.family("process_cpu_seconds_total", .counter, "Processor time that the process has used.")
        writer.sample(statistics.processorSeconds)
        writer.family("process_resident_memory_bytes", .gauge, "Memory that the process holds.")
        writer.sample(statistics.residentBytes)
        writer.family("process_open_fds", .gauge, "Open file descriptors.")
        writer.sample(statistics.openDescriptors)
        writer.family("process_max_fds", .gauge, "File descriptors that may be open.")
        writer.sample(statistics.maximumDescriptors)
    }
}
