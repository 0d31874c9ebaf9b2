/** @file A program whose parts do not fit together: a damaged or a forged one. */
import type { Code } from "../../diag/catalogue.ts";
import { Diagnostic, quoted } from "../../diag/diagnostic.ts";

/** `part` is the node, tensor, primitive or field; strings out of the file may be passed as they are. */
export class Contradiction extends Error {
  readonly part: string;
  readonly got: string;
  readonly want: string;

  constructor(part: string, got: string, want: string) {
    super(`${part}: ${got}`);
    this.part = part;
    this.got = got;
    this.want = want;
  }

  /** The message for the user, once the file is known; the code is the format's. */
  in(file: string, code: Code, action?: string): Diagnostic {
    return new Diagnostic({
      code,
      place: { file, part: quoted(this.part) },
      got: quoted(this.got),
      want: quoted(this.want),
      ...(action === undefined ? {} : { action }),
    });
  }
}
