/**
 * @file Every message that a user can meet: code and title. Codes are never reused; each has a golden text in
 * `test/errors/` and a page in `docs/messages/`. A1… input files and command, A2… graphs, A3… the spec language,
 * A5… what Assay does not support yet.
 */
export const catalogue = {
  A1001: "the file can't be read",
  A2001: "operands do not fit",
  A5001: "the operator is not supported",
} as const;

export type Code = keyof typeof catalogue;
