/** @file The Diagnostic of a program whose parts do not fit together: a damaged or a forged file. */
import { Diagnostic, quoted } from "../../diag/diagnostic.ts";

/** `part` is the node or tensor; strings out of the file may be passed as they are. */
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
    return new Diagnostic({
      code: "A1104",
      place: { file, part: quoted(this.part) },
      got: quoted(this.got),
      want: quoted(this.want),
      action: "export the model again with torch.export.save",
    });
  }
}
