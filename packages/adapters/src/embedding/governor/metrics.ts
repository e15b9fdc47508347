import { Metric } from "effect"

/** 0 closed, 1 a probe is under way, 2 open. */
export const circuitState = Metric.gauge("sheaf_embedder_circuit", {
  description: "Whether the embedder is asked: 0 yes, 1 a probe is under way, 2 no."
})

export const circuitOpenings = Metric.counter("sheaf_embedder_circuit_openings_total", {
  description: "How often the embedder was given up for a while.",
  incremental: true
})

export const inFlight = Metric.gauge("sheaf_embedder_in_flight", {
  description: "Requests to the embedder that are under way."
})

export const concurrencyLimit = Metric.gauge("sheaf_embedder_concurrency_limit", {
  description: "Requests to the embedder that may be under way at once, as found by trying."
})

export const waiting = Metric.gauge("sheaf_embedder_waiting", {
  description: "Texts that wait to be sent to the embedder."
})

export const requests = Metric.counter("sheaf_embedder_requests_total", {
  description: "Requests to the embedder by outcome (ok, rejected, overloaded, down, refused, abandoned).",
  incremental: true
})

export const requestSeconds = Metric.histogram("sheaf_embedder_request_seconds", {
  description: "Time from a request to the embedder to its answer.",
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
})

export const texts = Metric.counter("sheaf_embedder_texts_total", {
  description: "Texts that got their vector.",
  incremental: true
})
