/** What the command explain prints with. */
export { explanationDocument } from "./json.ts";
export { renderListing } from "./listing.ts";
export { renderExplanation } from "./text.ts";
