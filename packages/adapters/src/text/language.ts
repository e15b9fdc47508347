/** Scripts that one language, or one of few told apart below, is written in. */
const scripts: ReadonlyArray<readonly [RegExp, string]> = [
  [/\p{Script=Latin}/gu, "Latin"],
  [/\p{Script=Han}/gu, "zh"],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/gu, "ja"],
  [/\p{Script=Hangul}/gu, "ko"],
  [/\p{Script=Cyrillic}/gu, "ru"],
  [/\p{Script=Arabic}/gu, "ar"],
  [/\p{Script=Devanagari}/gu, "hi"],
  [/\p{Script=Greek}/gu, "el"],
  [/\p{Script=Hebrew}/gu, "he"],
  [/\p{Script=Thai}/gu, "th"],
  [/\p{Script=Lao}/gu, "lo"],
  [/\p{Script=Khmer}/gu, "km"],
  [/\p{Script=Myanmar}/gu, "my"],
  [/\p{Script=Bengali}/gu, "bn"],
  [/\p{Script=Tamil}/gu, "ta"],
  [/\p{Script=Telugu}/gu, "te"],
  [/\p{Script=Kannada}/gu, "kn"],
  [/\p{Script=Malayalam}/gu, "ml"],
  [/\p{Script=Gujarati}/gu, "gu"],
  [/\p{Script=Gurmukhi}/gu, "pa"],
  [/\p{Script=Sinhala}/gu, "si"],
  [/\p{Script=Georgian}/gu, "ka"],
  [/\p{Script=Armenian}/gu, "hy"],
  [/\p{Script=Ethiopic}/gu, "am"]
]

/** Frequent small words. One that two languages share counts for both, so only the difference decides. */
const smallWords: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  Object.entries({
    en:
      "the and of to is that for with are was this from by be as it not or have what which how who when where does did you can in on an at will they their has",
    de:
      "der die das und ist nicht ein eine einen einem einer mit auf für von den dem des zu im sich auch wird als wurde sind oder wie was wer wo wann bei nach aus durch werden kann hat viele welche welcher",
    fr:
      "le la les des et est une dans pour que qui sur par pas avec au aux du ne ce cette sont plus ou été il elle comme quel quelle combien quand comment où sa son un ont",
    es:
      "el los las de en que una por con para del se su al como más es son fue está pero qué cuál cuántos cuándo dónde quién cómo la lo un ha era entre sobre sus también",
    it:
      "il di che la un una per con non sono del della dei delle nel nella si da al alla come più gli questo anche quale quanti dove chi ha le lo era stato ed cosa dal",
    pt:
      "os de que do da dos das em um uma para com não por na no nas nos ao mais como foi são qual quantos quando onde quem ou se sua seu também pela pelo",
    nl:
      "de het een en van is dat niet op te met voor zijn in er aan ook door als bij naar wordt werd om uit wat wie waar wanneer hoe of deze heeft worden over hun",
    sv:
      "och att det som en är av för på med den till inte om har ett var de vid från kan eller när hur vad vilken många också efter sig",
    da:
      "og at det som en er af for på med den til ikke om har et var de ved fra kan eller når hvordan hvad hvilken mange også efter sig blev",
    pl:
      "na do nie się jest to że jak po co przez od za ale czy dla są był była jego które który oraz ile gdzie kiedy kto jaki jakie",
    cs:
      "na se je že do to jako pro za od po by ale jsou byl byla který která které nebo kde kdy kdo jak kolik při také není",
    tr:
      "ve bir bu da de için ile olarak olan çok daha en gibi kadar ne sonra ancak var değil mi mı hangi nasıl nerede kim kaç tarafından ya veya",
    vi: "và của là các có được trong cho một những không với người này đã để khi từ về đến như tại năm nào bao nhiêu",
    id:
      "dan yang di dari untuk dengan ini itu pada adalah tidak dalam oleh akan ke sebagai juga atau bisa apa siapa kapan berapa bagaimana tersebut telah",
    ro:
      "și de la în cu pe care nu este un din pentru sunt că mai au ce prin sau fost al ale lui unde când cine cât cum",
    fi:
      "ja on ei se että oli hän mutta kun niin ovat joka myös tai kuin sen ole voi mitä missä milloin kuka miten kuinka",
    hu: "az és hogy nem is egy van volt meg de ez mint csak el már ki mi milyen mikor hol hány vagy által"
  }).map(([language, words]) => [language, new Set(words.split(" "))])
)

const matches = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

/** Letters that tell languages of one script apart; a share of `minimum` of the script's letters is enough. */
const told = (text: string, letters: number, language: string): string => {
  const share = (pattern: RegExp) => matches(text, pattern) / letters
  if (language === "ru") return share(/[іїєґ]/giu) > 0.01 ? "uk" : "ru"
  if (language === "ar") return share(/[ٹڈڑےں]/gu) > 0.01 ? "ur" : share(/[پچژگ]/gu) > 0.01 ? "fa" : "ar"
  return language
}

/** Fewer different small words, or a smaller share of them, prove nothing: code and lists of names have some by chance. */
const minimumDistinct = 2
const minimumShare = 0.06

/** The languages that have a small word. */
const languagesOf = new Map<string, ReadonlyArray<string>>()
for (const [language, words] of Object.entries(smallWords)) {
  for (const word of words) languagesOf.set(word, [...languagesOf.get(word) ?? [], language])
}

const latin = (text: string): string => {
  const words = text.toLowerCase().match(/[\p{L}\p{M}]{2,}/gu) ?? []
  const counts = new Map<string, number>()
  for (const word of words) {
    if (languagesOf.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const hits = Object.keys(smallWords).map((language) => ({ language, count: 0, distinct: 0 }))
  const hitOf = new Map(hits.map((hit) => [hit.language, hit]))
  for (const [word, count] of counts) {
    for (const language of languagesOf.get(word)!) {
      const hit = hitOf.get(language)!
      hit.count += count
      hit.distinct++
    }
  }
  const [best, second] = hits.sort((a, b) => b.count - a.count)
  const clear = best !== undefined && best.count > (second?.count ?? 0) && best.distinct >= minimumDistinct &&
    best.count >= minimumShare * words.length
  return clear ? best.language : "und"
}

/** Letters of a Latin word for every character of a script that writes words in one or two. */
const lettersPerCharacter = 3

/** How much of a text is looked at. */
const sampleLength = 2_000

/**
 * Language by script, and among those in Latin letters by frequent small words. A hint, made in well under a millisecond: it says
 * whether the embedder speaks the language of a text, and nothing else hangs on it. `und` where a Latin text gives no sign.
 */
export const guessLanguage = (text: string): string => {
  const sample = text.length > sampleLength ? text.slice(0, sampleLength) : text
  if (/^[\0-\u024f\s]*$/.test(sample)) return /[a-zA-Z]/.test(sample) ? latin(sample) : "und"
  const counts = scripts.map(([pattern, language]) => {
    const dense = language === "zh" || language === "ja"
    return { language, count: matches(sample, pattern) * (dense ? lettersPerCharacter : 1) }
  })
  const han = counts.find(({ language }) => language === "zh")!
  const kana = counts.find(({ language }) => language === "ja")!
  // Japanese mixes Han with kana; Chinese has none of the latter.
  if (kana.count > 0.1 * han.count) {
    kana.count += han.count
    han.count = 0
  }
  const best = counts.reduce((a, b) => (b.count > a.count ? b : a))
  if (best.count === 0) return "und"
  return best.language === "Latin" ? latin(sample) : told(sample, best.count, best.language)
}

/** Whether a model that speaks these languages (`null`: all) can be trusted with the text. No sign of another language: yes. */
export const speaks = (languages: ReadonlyArray<string> | null, language: string): boolean =>
  languages === null || language === "und" || languages.includes(language)
