/** The part that a part names: relative to its own folder, or from the root. Never leads out of the package. */
export const partName = (target: string, source: string): string => {
  const steps = target.startsWith("/") ? [] : source.split("/").slice(0, -1)
  for (const step of decoded(target.replace(/[?#].*$/, "")).replaceAll("\\", "/").split("/")) {
    if (step === "..") steps.pop()
    else if (step !== "" && step !== ".") steps.push(step)
  }
  return steps.join("/")
}

const decoded = (target: string): string => {
  try {
    return decodeURIComponent(target)
  } catch {
    return target
  }
}
