/** @file What can be wrong with a Keras model; the front end that reads the file knows its name and makes a message of it. */
import type { Code } from "../../../diag/catalogue.ts";
import { quoted, Unsupported } from "../../../diag/diagnostic.ts";
import { Contradiction } from "../contradiction.ts";

/** The parts of a model do not fit together: a damaged or a forged file. Strings out of the file may be passed as they are. */
export class Malformed extends Contradiction {}

/** A layer, or an option of one, that is not read. Inside a layer's meaning the walker adds which layer it is. */
export class NotCovered extends Error {
  readonly part: string | undefined;
  readonly action: string | undefined;

  constructor(message: string, part?: string, action?: string) {
    super(message);
    this.part = part;
    this.action = action;
  }
}

/** What the problems of one format are in the catalogue. */
export interface Codes {
  readonly malformed: Code;
  readonly notCovered: Code;
}

/** The message for a problem that reading a model met; anything else stays as it is. */
export function reported(file: string, error: unknown, codes: Codes): unknown {
  if (error instanceof Malformed) return error.in(file, codes.malformed, "save the model again");
  if (error instanceof NotCovered) {
    const { part, message, action } = error;
    const place = part === undefined ? { file } : { file, part: quoted(part) };
    const want = "layers, operations and options that Assay has a meaning for";
    return new Unsupported({
      code: codes.notCovered,
      place,
      got: quoted(message),
      want,
      ...(action === undefined ? {} : { action }),
    });
  }
  return error;
}
