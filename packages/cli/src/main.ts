#!/usr/bin/env node
import { enableCompileCache } from "node:module"

// What was compiled once is kept in the system's temporary folder: half the time that a command takes is loading code.
enableCompileCache()
const { run } = await import("./run.ts")
run()
