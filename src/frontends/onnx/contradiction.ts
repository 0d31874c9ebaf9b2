/** @file What may be wrong with a model file, thrown where it is noticed; the reader adds the file and the place. */
import { Diagnostic, type Place, quoted, Unsupported } from "../../diag/diagnostic.ts";

/** The parts of the model do not fit together; strings out of the file may be passed as they are. */
export class Contradiction extends Error {
  readonly got: string;
  readonly want: string;

  constructor(got: string, want: string) {
    super(got);
    [this.got, this.want] = [got, want];
  }

  at(place: Place): Diagnostic {
    return new Diagnostic({
      code: "A1111",
      place,
      got: quoted(this.got),
      want: quoted(this.want),
      action: "check the file with onnx.checker.check_model, or export the model again",
    });
  }
}

/** Arguments for which an operator's row has no meaning; the node becomes Opaque, and `message` says why. */
export class NotCovered extends Error {}

/** A shape or a number of steps that only data decides. */
export class DataDependent extends Error {
  at(place: Place): Unsupported {
    return new Unsupported({
      code: "A5302",
      place,
      got: this.message,
      want: "shapes and numbers of steps that follow from the sizes of the inputs",
      action: "export the model with this value as a constant",
    });
  }
}
