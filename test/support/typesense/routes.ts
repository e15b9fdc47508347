import { Collection } from "./Collection.ts"
import { parseFilter } from "./filter.ts"
import { isObject, type Json, type JsonObject, noCollection, notFound, parse, Refusal } from "./Refusal.ts"
import { type Parameters, search, shownDocument } from "./search.ts"

export interface Request {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: Parameters
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly contentType: "application/json; charset=utf-8" | "text/plain; charset=utf-8"
  readonly body: string
}

const json = (body: Json, status = 200): Answer => ({
  status,
  contentType: "application/json; charset=utf-8",
  body: JSON.stringify(body)
})

const text = (body: string): Answer => ({ status: 200, contentType: "text/plain; charset=utf-8", body })

export const refused = ({ message, status }: Refusal): Answer => json({ message }, status)

const mostSearches = 50

/** What a server knows, and its answers. Time comes from outside, so that a journal read again gives the same. */
export class Engine {
  private readonly collections = new Map<string, Collection>()
  private readonly aliases = new Map<string, string>()

  /** Whether the request changes anything: such ones go into the journal. */
  static isWrite({ method, path }: Request): boolean {
    return method !== "GET" && path !== "/multi_search"
  }

  answer(request: Request, now: number): Answer {
    try {
      return this.route(request, now)
    } catch (error) {
      if (error instanceof Refusal) return refused(error)
      throw error
    }
  }

  private route(request: Request, now: number): Answer {
    const { body, method, path, query } = request
    const [area, name, kind, rest] = path.split("/").slice(1).filter((part) => part !== "").map(decodeURIComponent)
    const known = rest === "search" || rest === "export" || rest === "import"
    const shape = [area, name && "*", kind, rest && (known ? rest : "*")].filter(Boolean).join("/")
    const route = `${method} ${shape}`
    switch (route) {
      case "POST multi_search":
        return this.multiSearch(body, query)
      case "GET collections":
        return json([...this.collections.values()].map((collection) => collection.shown()))
      case "POST collections":
        return this.create(bodyOf(body), now)
      case "GET collections/*":
        return json(this.at(name!).shown())
      case "PATCH collections/*":
        return json(this.at(name!).alter(bodyOf(body)))
      case "DELETE collections/*":
        return this.drop(name!)
      case "GET collections/*/documents/search":
        return json(search(this.at(name!), query))
      case "GET collections/*/documents/export":
        return text(
          this.matching(this.at(name!), query["filter_by"] ?? "").map((one) =>
            JSON.stringify(shownDocument(one.document, query))
          )
            .join("\n")
        )
      case "POST collections/*/documents/import":
        return text(this.at(name!).import(body, query["action"] ?? "create", query["return_id"] === "true"))
      case "GET collections/*/documents/*":
        return json(this.at(name!).find(rest!))
      case "POST collections/*/documents":
        return json(this.at(name!).write(bodyOf(body), query["action"] ?? "create"), 201)
      case "PATCH collections/*/documents":
        return this.update(this.at(name!), query["filter_by"], body)
      case "DELETE collections/*/documents":
        return this.remove(this.at(name!), query)
      case "GET aliases":
        return json({ aliases: [...this.aliases].map(([name, collection]) => ({ collection_name: collection, name })) })
      case "GET aliases/*":
        return this.alias(name!)
      case "PUT aliases/*":
        return this.point(name!, bodyOf(body))
      case "DELETE aliases/*": {
        const answer = this.alias(name!)
        this.aliases.delete(name!)
        return answer
      }
      case "GET metrics.json":
        return json({ system_memory_used_bytes: "0" })
      default:
        throw notFound()
    }
  }

  private at(name: string): Collection {
    const found = this.collections.get(name) ?? this.collections.get(this.aliases.get(name) ?? "")
    if (found === undefined) throw noCollection()
    return found
  }

  private create(given: JsonObject, now: number): Answer {
    const name = given["name"]
    if (typeof name === "string" && this.collections.has(name)) {
      throw new Refusal(409, `A collection with name \`${name}\` already exists.`)
    }
    const collection = new Collection(given, Math.floor(now / 1_000))
    this.collections.set(collection.name, collection)
    return json(collection.shown(), 201)
  }

  /** An alias drops what it points to. */
  private drop(name: string): Answer {
    const target = this.collections.has(name) ? name : this.aliases.get(name) ?? name
    const collection = this.collections.get(target)
    if (collection === undefined) throw new Refusal(404, `No collection with name \`${name}\` found.`)
    this.collections.delete(target)
    return json(collection.shown())
  }

  private alias(name: string): Answer {
    const collection = this.aliases.get(name)
    if (collection === undefined) throw noCollection()
    return json({ collection_name: collection, name })
  }

  private point(name: string, { collection_name: collection }: JsonObject): Answer {
    if (typeof collection !== "string") throw new Refusal(400, "Parameter `collection_name` is required.")
    if (this.collections.has(name)) {
      throw new Refusal(500, `Name \`${name}\` conflicts with an existing collection name.`)
    }
    this.aliases.set(name, collection)
    return json({ collection_name: collection, name })
  }

  private matching(collection: Collection, filterBy: string) {
    const filter = parseFilter(filterBy, collection)
    return [...filter.among ?? collection.stored.values()].filter((stored) => filter.test(stored))
  }

  private remove(collection: Collection, query: Parameters): Answer {
    const { filter_by: filterBy, return_id: isTold, truncate } = query
    if (filterBy === undefined && truncate === undefined) {
      throw new Refusal(400, "Parameter `filter_by` must be provided.")
    }
    const matching = filterBy === "" ? [] : this.matching(collection, filterBy ?? "")
    for (const stored of matching) collection.remove(stored)
    const ids = matching.map(({ id }) => id)
    return json({ ...(isTold === "true" && { ids }), num_deleted: ids.length })
  }

  private update(collection: Collection, filterBy: string | undefined, body: string): Answer {
    if (filterBy === undefined) throw new Refusal(400, "Parameter `filter_by` must be provided.")
    const change = bodyOf(body)
    const matching = this.matching(collection, filterBy === "*" ? "" : filterBy)
    // What does not fit is left out without a word.
    const updated = matching.filter(({ id }) => {
      try {
        return collection.write({ ...change, id }, "update") !== undefined
      } catch (error) {
        if (error instanceof Refusal) return false
        throw error
      }
    })
    return json({ num_updated: updated.length })
  }

  private multiSearch(body: string, common: Parameters): Answer {
    const { searches } = bodyOf(body)
    if (!Array.isArray(searches)) throw new Refusal(400, "Missing `searches` array.")
    const all: ReadonlyArray<Json> = searches
    if (all.length === 0) throw new Refusal(500, "Embedded params parsing error.")
    if (!all.every(isObject)) throw new Refusal(400, "The value of `searches` must be an array of objects.")
    if (all.length > Number(common["limit_multi_searches"] ?? mostSearches)) {
      throw new Refusal(400, "Number of multi searches exceeds `limit_multi_searches` parameter.")
    }
    const asked = all.map((one) => {
      if (Object.values(one).some((value) => typeof value === "object")) {
        throw new Refusal(400, "One or more search parameters are malformed.")
      }
      const own = Object.fromEntries(Object.entries(one).map(([key, value]) => [key, String(value)]))
      // What stands in the query string wins.
      return Object.assign(own, common)
    })
    return json({ results: asked.map((parameters) => this.searchOne(parameters)) })
  }

  private searchOne(parameters: Parameters): JsonObject {
    try {
      return search(this.at(parameters["collection"] ?? ""), parameters)
    } catch (error) {
      if (error instanceof Refusal) return { code: error.status, error: error.message }
      throw error
    }
  }
}

const bodyOf = (body: string): JsonObject => {
  let value: Json
  try {
    value = parse(body)
  } catch {
    throw new Refusal(400, "Bad JSON.")
  }
  if (!isObject(value)) throw new Refusal(400, "Bad JSON.")
  return value
}
