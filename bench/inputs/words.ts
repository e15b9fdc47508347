import { seeded } from "../retrieval/distractors.ts"

const nouns =
  `valve pump pressure shaft bearing manual operator filter gauge sensor switch panel engine cable housing seal flange rotor circuit
  battery alarm system procedure section table figure warning service interval temperature current voltage supply reservoir coolant
  exhaust intake turbine cylinder piston gasket bracket frame cover bolt thread torque lever handle indicator display record report
  inspection cleaning storage transport installation foundation drainage ventilation control module signal cabinet fuse relay motor
  speed limit value range unit tolerance clearance surface edge corner length diameter weight load stress failure cause remedy spare
  part number order supplier warranty accident injury person equipment tool wrench hammer lubricant grease oil water air steam fuel
  tank level contents mixture sample laboratory analysis result certificate authority regulation standard customer contract`
    .split(/\s+/)
const verbs =
  `controls protects connects replaces measures limits supplies closes opens drives cools heats carries holds releases records
  checks tightens loosens lifts lowers stops starts indicates requires exceeds follows precedes damages improves restores isolates`
    .split(/\s+/)
const adjectives =
  `main auxiliary upper lower hydraulic electric mechanical hot cold worn damaged clean dry new old external internal left
  right front rear automatic manual temporary permanent nominal maximum minimum correct faulty loose flexible rigid primary secondary`
    .split(/\s+/)
const openings =
  `Before assembly, | After every cleaning, | If the alarm sounds, | During normal operation, | In cold weather, |
  Once a year, | For this reason, | At the end of a shift, | | | | | `.split("|")
const joints = "near, behind, above, below, beside, inside, before, after, without, against".split(", ")

/** Made English of a technical sort: words by Zipf's law, so that some are common and others rare. The same seed, the same text. */
export const makeText = (seed: number) => {
  const random = seeded(seed)
  const zipf = (list: ReadonlyArray<string>) => list[Math.floor(list.length ** random()) % list.length]!
  const any = (list: ReadonlyArray<string>) => list[Math.floor(random() * list.length)]!
  const thing = () =>
    `${random() < 0.5 ? `${any(adjectives)} ` : ""}${zipf(nouns)}${random() < 0.2 ? ` ${zipf(nouns)}` : ""}`

  const sentence = () => {
    const opening = any(openings).trim()
    const number = random() < 0.25
      ? ` of ${Math.ceil(random() * 400)} ${any(["mm", "bar", "litres", "hours", "degrees"])}`
      : ""
    const tail = random() < 0.5 ? ` and ${any(verbs)} the ${thing()}` : ` ${any(joints)} the ${thing()}${number}`
    return `${opening === "" ? "The" : `${opening} the`} ${thing()} ${any(verbs)} the ${thing()}${tail}.`
  }
  const title = () => {
    const words = `${thing()} and ${zipf(nouns)}`
    return words[0]!.toUpperCase() + words.slice(1)
  }
  const paragraph = (sentences: number) => Array.from({ length: sentences }, sentence).join(" ")
  return { paragraph, sentence, title, random }
}
