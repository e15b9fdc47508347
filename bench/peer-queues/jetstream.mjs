// `jetstream.mjs URL JOBS CONCURRENCY`: publishes each with an acknowledgement, and consumes and acknowledges; nothing else.
import { AckPolicy, jetstream, jetstreamManager, RetentionPolicy, StorageType } from "@nats-io/jetstream"
import { connect } from "@nats-io/transport-node"
import { measure } from "./measure.ts"

const [servers, jobs, concurrency] = process.argv.slice(2)
const nc = await connect({ servers })
const jsm = await jetstreamManager(nc)
await jsm.streams.add({
  name: "noop",
  subjects: ["noop"],
  retention: RetentionPolicy.Workqueue,
  storage: StorageType.File
})
await jsm.consumers.add("noop", { durable_name: "noop", ack_policy: AckPolicy.Explicit })
const js = jetstream(nc)
const consumer = await js.consumers.get("noop", "noop")
let completed = 0
const messages = await consumer.consume({ max_messages: 256 })
const consume = async () => {
  for await (const message of messages) {
    message.ack()
    completed++
  }
}
const consuming = consume()
const payload = JSON.stringify({ document: "d" })
await measure(Number(jobs), Number(concurrency), { send: () => js.publish("noop", payload), done: () => completed })
await messages.close()
await consuming
await nc.close()
