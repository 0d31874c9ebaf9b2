/**
 * @file Every message that a user can meet: code and title. Codes are never reused; each has a golden text in
 * `test/errors/` and a page in `docs/messages/`. A1… input files and command, A2… graphs, A3… the spec language,
 * A5… what Assay does not support yet.
 */
export const catalogue = {
  A1001: "the file can't be read",
  A1002: "the command is not understood",
  A1003: "the file is not a model",
  A1004: "the name of the model is missing",
  A1005: "the module has no such name",
  A1006: "the code can't be imported",
  A1007: "there is no such specification",
  A1100: "the file is not a program of torch.export",
  A1101: "the archive is damaged",
  A1102: "a member of the archive can't be read",
  A1103: "the exported program is malformed",
  A1104: "the exported program contradicts itself",
  A1200: "the model throws while it is traced",
  A1201: "the model returns something that is not an array",
  A1202: "the export is not a jax-js model",
  A1203: "the model is not one function",
  A2001: "operands do not fit",
  A5000: "something that reading this model needs is not installed",
  A5001: "the operator is not supported",
  A5002: "the export took too long",
  A5003: "the format is not supported yet",
  A5100: "this version of the .pt2 format is not supported",
  A5101: "the archive holds several programs",
  A5102: "a size is not a polynomial",
  A5103: "the operator changes its input, is random or has several results",
  A5104: "this kind of value is not supported",
  A5200: "the primitive of jax-js is not supported",
  A5201: "the constant is not a number",
} as const;

export type Code = keyof typeof catalogue;
