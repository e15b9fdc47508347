import * as fc from "fast-check"

// Where a result has to come out the same twice (`CI=true`), property tests draw the same cases each time. Elsewhere each run draws new
// ones, and a failing one says its seed.
fc.configureGlobal({ seed: 20_261_123 })
