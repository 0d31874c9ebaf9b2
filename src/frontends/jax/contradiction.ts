/** @file A program whose parts do not fit together: a damaged or a forged one. */
import { Diagnostic, quoted } from "../../diag/diagnostic.ts";

/** `part` is the primitive or the field; strings out of the file may be passed as they are. */
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

  /** The message for the user, once the file is known. */
  in(file: string): Diagnostic {
    return malformed(file, this.part, this.got, this.want);
  }
}

export const malformed = (file: string, part: string, got: string, want: string): Diagnostic =>
  new Diagnostic({
    code: "A1250",
    place: { file: quoted(file), part: quoted(part) },
    got: quoted(got),
    want: quoted(want),
  });
