const words = (list: string): ReadonlySet<string> => new Set(list.split(" "))

/** English words that carry no meaning of their own (Lucene's list). They do not count towards a text's length. */
export const stopWords = words(
  "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with"
)

/** Words that only make a question out of what is looked for. They are dropped from queries, never from texts. */
export const questionWords = words(
  "what which who whom whose when where why how do does did done has have had having can could should would may might must " +
    "i you he she we me my your his her its our us them am been being were from about s t"
)
