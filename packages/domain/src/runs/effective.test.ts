import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { chunkingMethods } from "../datasets/chunkingMethods.ts"
import { ChunkingSettings } from "../datasets/Dataset.ts"
import { effective, mergeSettings } from "./effective.ts"
import { ParsingSettings, type RunSettings } from "./RunSettings.ts"

const dataset = { chunking: { method: "general", maxTokens: 300, overlap: 20 }, parsing: {} } as const

const valuesOf = (levels: { readonly document?: RunSettings; readonly run?: RunSettings }) => {
  const { values } = Result.getOrThrow(effective({ dataset, document: {}, run: {}, ...levels }))
  return Object.fromEntries(values.map(({ name, origin, value }) => [name, [value, origin]]))
}
const problemOf = (run: RunSettings) =>
  Result.match(effective({ dataset, document: {}, run }), { onSuccess: () => null, onFailure: (problem) => problem })

describe("effective", () => {
  it("lays each level over the one before it, value by value, and says who decided", () => {
    const values = valuesOf({ document: { chunking: { maxTokens: 200 } }, run: { chunking: { softMaxTokens: 100 } } })
    assert.deepInclude(values, {
      "chunking.method": ["general", "dataset"],
      "chunking.maxTokens": [200, "document"],
      "chunking.softMaxTokens": [100, "run"],
      "chunking.overlap": [20, "dataset"],
      "chunking.combineUnder": [100, "default"],
      "parsing.pages": [null, "default"],
      "parsing.tablePictures": [true, "default"]
    })
  })

  it("a null takes back what the document was given", () => {
    const document = { chunking: { maxTokens: 200 } }
    assert.deepInclude(valuesOf({ document, run: { chunking: { maxTokens: null } } }), {
      "chunking.maxTokens": [300, "dataset"]
    })
    assert.deepStrictEqual(mergeSettings(document, { chunking: { maxTokens: null } }, "general"), {})
    assert.deepStrictEqual(mergeSettings(document, { chunking: { overlap: 3 } }, "general"), {
      chunking: { maxTokens: 200, overlap: 3 }
    })
  })

  it("another method starts from its own defaults, and does not take what it has no use for", () => {
    const whole = Result.getOrThrow(
      effective({ dataset, document: { chunking: { maxTokens: 64 } }, run: { chunking: { method: "whole" } } })
    )
    assert.deepStrictEqual(whole.chunking, { method: "whole" })
    assert.strictEqual(
      problemOf({ chunking: { method: "whole", overlap: 3 } }),
      "settings.chunking.overlap means nothing to the method \"whole\""
    )
    // Its dataset was changed since: what the document has is not in the way.
    assert.isTrue(Result.isSuccess(
      effective({
        dataset: { chunking: { method: "whole" }, parsing: {} },
        document: { chunking: { maxTokens: 64 } },
        run: {}
      })
    ))
    assert.deepStrictEqual(
      mergeSettings({ chunking: { maxTokens: 64 } }, { chunking: { method: "whole" } }, "general"),
      {
        chunking: { method: "whole" }
      }
    )
  })

  it("names the field that cannot be, and what it may be", () => {
    assert.include(
      problemOf({ chunking: { maxTokens: 9_000 } }),
      "settings.chunking.maxTokens is a whole number from 16 to"
    )
    assert.include(
      problemOf({ chunking: { overlap: 0.5 } }),
      "settings.chunking.overlap is a whole number from 0 to 1024"
    )
    assert.include(problemOf({ parsing: { pages: [{ first: 1, last: 2 }, { first: 4, last: 3 }] } }), "pages[1]")
    assert.include(problemOf({ parsing: { pages: [] } }), "from 1 to 100 ranges")
  })

  it("pages are in order and apart from each other, whatever was asked for", () => {
    const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 20 })), {
      minLength: 1,
      maxLength: 12
    })
    fc.assert(fc.property(ranges, (given) => {
      const asked = given.map(([first, more]) => ({ first, last: first + more }))
      const { parsing } = Result.getOrThrow(effective({ dataset, document: {}, run: { parsing: { pages: asked } } }))
      const pagesOf = (all: typeof asked) =>
        all.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index))
      const got = pagesOf([...parsing.pages ?? []])
      assert.deepStrictEqual(got, [...new Set(pagesOf(asked))].sort((a, b) => a - b))
    }))
  })

  it("another method has its own fields and defaults", () => {
    assert.deepInclude(valuesOf({ run: { chunking: { method: "parent-child", parentMaxTokens: 600 } } }), {
      "chunking.method": ["parent-child", "run"],
      "chunking.maxTokens": [128, "default"],
      "chunking.parentMaxTokens": [600, "run"]
    })
    const columns = [{ name: "Price", role: "metadata", type: "number" }] as const
    assert.deepInclude(valuesOf({ document: { chunking: { method: "table", columns } } }), {
      "chunking.columns": [columns, "document"]
    })
    assert.match(problemOf({ chunking: { method: "page", overlap: 3 } }) ?? "", /overlap means nothing/)
    assert.match(problemOf({ chunking: { method: "parent-child", parentMaxTokens: 9 } }) ?? "", /from 64 to 8192/)
    assert.match(problemOf({ chunking: { method: "qa", answerColumn: "" } }) ?? "", /name of a column/)
  })

  it("whatever the levels say, the outcome can be stored, or the problem names a field", () => {
    const number = fc.option(fc.oneof(fc.integer({ min: -5, max: 9_000 }), fc.double()), { nil: undefined })
    const level = fc.record({
      method: fc.constantFrom(...chunkingMethods, undefined, null),
      maxTokens: number,
      softMaxTokens: number,
      overlap: fc.oneof(number, fc.constant(null)),
      parentMaxTokens: number,
      questionColumn: fc.option(fc.string(), { nil: undefined })
    }).map((given) =>
      ({
        chunking: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      }) as RunSettings
    )
    const isChunking = Schema.is(ChunkingSettings)
    const isParsing = Schema.is(ParsingSettings)
    fc.assert(fc.property(level, level, (document, run) => {
      const outcome = effective({ dataset, document, run })
      if (Result.isFailure(outcome)) return assert.match(outcome.failure, /^settings\.(chunking|parsing)\.\w+/)
      assert.isTrue(isChunking(outcome.success.chunking))
      assert.isTrue(isParsing(outcome.success.parsing))
    }))
  })
})
