// How a process of a jail keeps its memory small without standing still for it.

/**
 * Options of Node for a heap of at most so many bytes. Nobody calls for a collection: one that is called for between two pages drops the
 * compiled code of every class that has no object just then, which are most of a parser's, and making it again takes longer than all
 * collections together (a third of the time of a manual, measured). Those that V8 begins by itself run beside the work and keep that code;
 * so it is told to begin them early, when the heap is a fifth larger than what was alive at the last one.
 */
export const heapOptions = (maxBytes: number): ReadonlyArray<string> => [
  `--max-old-space-size=${Math.max(64, Math.floor(maxBytes / 1_048_576))}`,
  "--heap-growing-percent=20",
  // A young generation that holds a page: with half of it, what a page leaves behind is copied twice before it is let go.
  "--max-semi-space-size=16"
]

/**
 * Environment in which memory outside of the heap goes back to the system when it is freed (glibc, mallopt(3)): left to itself, the
 * allocator keeps a store for each thread, and larger pieces the longer it runs. Other systems do not know these names.
 */
export const memoryEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_TRIM_THRESHOLD_: "131072"
}
