/** @file JSON members of an exported program. */
import { Diagnostic, quoted } from "../../diag/diagnostic.ts";
import * as common from "../common/json.ts";

export const malformed = (file: string, part: string, got: string, want: string): Diagnostic =>
  new Diagnostic({
    code: "A1103",
    place: { file, part: quoted(part) },
    got: quoted(got),
    want,
    action: "export the model again with torch.export.save",
  });

/** The value of a JSON text; integers beyond 2⁵³ are bigint. `part` names the text in messages. */
export const parseJson = (file: string, part: string, bytes: Uint8Array): unknown =>
  common.parseJson(bytes, (got, want) => malformed(file, part, got, want));
