/** @file A program whose parts do not fit together: a damaged or a forged one. */
import { Diagnostic, quoted } from "../../../diag/diagnostic.ts";

/** Messages for programs that are malformed, one for each language in which programs are written. */
export type MalformedCode = "A1250" | "A1260";

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
  in(code: MalformedCode, file: string): Diagnostic {
    return malformed(code, file, this.part, this.got, this.want);
  }
}

export const malformed = (
  code: MalformedCode,
  file: string,
  part: string,
  got: string,
  want: string,
): Diagnostic =>
  new Diagnostic({
    code,
    place: { file: quoted(file), part: quoted(part) },
    got: quoted(got),
    want: quoted(want),
  });
