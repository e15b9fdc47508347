/** The part that a part names: relative to its own folder, or from the root. Never leads out of the package. */
export const partName = (target: string, source: string): string => {
  const steps = target.startsWith("/") ? [] : source.split("/").slice(0, -1)
  for (const step of target.replaceAll("\\", "/").replace(/[?#].*$/, "").split("/")) {
    if (step === "..") steps.pop()
    else if (step !== "" && step !== ".") steps.push(decoded(step))
  }
  return steps.join("/")
}

const decoded = (step: string): string => {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}
