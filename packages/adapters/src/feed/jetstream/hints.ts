import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream"
import { nanos } from "@nats-io/transport-node"
import { Job, type JobTag, type Lane } from "@sheaf/domain/jobs/Job"
import { Duration, Record, Schema } from "effect"
import type { NatsConnection } from "../../nats/NatsConnection.ts"
import type { StreamSpec } from "../../nats/streams.ts"
import { Hint } from "../../repos/jobs/HintsRepo.ts"

/** Where the hints of a stage and lane wait. */
export interface Line {
  readonly stage: JobTag
  readonly lane: Lane
}

export const lanes: ReadonlyArray<Lane> = ["interactive", "bulk"]
export const lines: ReadonlyArray<Line> = Record.keys(Job.cases).flatMap((stage) =>
  lanes.map((lane) => ({ stage, lane }))
)

export const streamOf = (nats: NatsConnection["Service"]) => nats.stream("jobs")
export const subjectOf = (nats: NatsConnection["Service"], { lane, stage }: Line) => nats.subject("jobs", stage, lane)
export const consumerOf = ({ lane, stage }: Line) => `${stage}-${lane}`

/** For how long the server leaves a hint with whoever has it and shows no sign of life. */
export const ackWait = Duration.seconds(10)

const codec = Schema.fromJsonString(Hint)
export const encodeHint = Schema.encodeSync(codec)
export const decodeHint = Schema.decodeUnknownOption(codec)

/** The same state of a job is hinted at once in two minutes, whoever tries. */
export const messageId = ({ epoch, jobId }: Hint) => `${jobId}:${epoch}`

/** A stream of hints: short, for what is owed waits in the database; and disposable, for it can be filled again from there. */
export const hintStream = (nats: NatsConnection["Service"], replicas: number): StreamSpec => ({
  config: {
    name: streamOf(nats),
    description: "Hints at owed jobs. The jobs are in the database: this stream can be deleted at any time.",
    subjects: [nats.subject("jobs", "*", "*")],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    num_replicas: replicas,
    discard: DiscardPolicy.New,
    max_msgs: 1_000_000,
    max_msg_size: 4_096,
    duplicate_window: nanos(Duration.toMillis(Duration.minutes(2))),
    // Sweeps what nobody takes, and what a killed server has forgotten that it was taken.
    max_age: nanos(Duration.toMillis(Duration.minutes(15)))
  },
  consumers: lines.map((line) => ({
    name: consumerOf(line),
    filter_subject: subjectOf(nats, line),
    ack_wait: nanos(Duration.toMillis(ackWait)),
    // How often a job is tried is counted in its row.
    max_deliver: -1,
    max_ack_pending: 20_000
  })),
  disposable: true
})
