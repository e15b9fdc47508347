export { removeUnused } from "@sheaf/adapters/blobs/removeUnused"
