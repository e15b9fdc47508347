/** The version of the contract: grows when an older client could no longer understand the answers. */
export const apiVersion = 1
