/** Endings of inflected Hindi words, the longest first. (Ramanathan and Rao, "A lightweight stemmer for Hindi", 2003.) */
const endings = [
  "ाएंगी ाएंगे ाऊंगी ाऊंगा ाइयाँ ाइयों ाइयां",
  "ाएगी ाएगा ाओगी ाओगे एंगी ेंगी एंगे ेंगे ूंगी ूंगा ातीं नाओं नाएं ताओं ताएं ियाँ ियों ियां",
  "ाकर ाइए ाईं ाया ेगी ेगा ोगी ोगे ाने ाना ाते ाती ाता तीं ाओं ाएं ुओं ुएं ुआं",
  "कर ाओ िए ाई ाए ने नी ना ते ीं ती ता ाँ ां ों ें",
  "ो े ू ु ी ि ा"
].flatMap((length) => length.split(" "))

/** Cuts the longest inflectional ending off a word in Devanagari; at least two characters remain. */
export const stemHindi = (word: string): string => {
  const ending = endings.find((ending) => word.length > ending.length + 1 && word.endsWith(ending))
  return ending === undefined ? word : word.slice(0, -ending.length)
}
