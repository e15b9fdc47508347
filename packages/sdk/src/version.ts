/** Of this package; the build checks that its manifest says the same. */
export const version = "0.1.0"
