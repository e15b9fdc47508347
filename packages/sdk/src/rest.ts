/** What most pages never need, in one part: all but the core of the contract, and the areas that ask for it. */
export { ApiRpcs } from "@sheaf/domain/ApiRpcs"
export { explainIssue } from "@sheaf/domain/edge/explainIssue"
export { makeRest } from "./areas/rest.ts"
