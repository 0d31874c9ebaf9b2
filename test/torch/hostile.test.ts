/**
 * @file Files that are damaged, forged or something else. Each gives a Diagnostic or Unsupported, reads a bounded number
 * of bytes and returns soon; nothing else may be thrown.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { archiveOf, changed, decode, encode, membersOf, programMember, withProgram } from "./archives.ts";
import { fixtureBytes, sourceOf } from "./support.ts";

/** A hundred archives are written and read. */
const fuzzTimeout = 30_000;
const fixtureName = "xor_regression_model";

interface Outcome {
  /** Code of the message; "graph" when the file was read. */
  readonly code: string;
  readonly bytesRead: number;
}

async function outcomeOf(bytes: Uint8Array): Promise<Outcome> {
  const source = sourceOf("net.pt2", bytes);
  try {
    await readTorchExport(source);
    return { code: "graph", bytesRead: source.bytesRead() };
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) {
      return { code: error.report.code, bytesRead: source.bytesRead() };
    }
    throw error;
  }
}

/** The archive's end is searched in at most 64 KiB several times; no member is read twice. */
const readLimit = (bytes: Uint8Array): number => 2 * bytes.length + 4 * 2 ** 16;

async function expectCode(bytes: Uint8Array, code: string): Promise<void> {
  const outcome = await outcomeOf(bytes);
  expect(outcome.code).toBe(code);
  expect(outcome.bytesRead).toBeLessThanOrEqual(readLimit(bytes));
}

describe("damaged archives", () => {
  test("a file cut short anywhere is a damaged archive or no archive", async () => {
    const whole = fixtureBytes(fixtureName);
    for (let length = 0; length < whole.length; length += 307) {
      const { code } = await outcomeOf(whole.slice(0, length));
      expect(["A1100", "A1101"], `${length} bytes`).toContain(code);
    }
  });

  test("random bytes are no program", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (noise) => {
        const magic = Uint8Array.of(0x50, 0x4b, 3, 4, ...noise);
        expect(["A1100", "A1101"]).toContain((await outcomeOf(noise)).code);
        expect((await outcomeOf(magic)).code).toBe("A1101");
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test(
    "a flipped byte gives a graph or a message",
    async () => {
      const whole = fixtureBytes(fixtureName);
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(
          fc.nat(whole.length - 1),
          fc.integer({ min: 1, max: 255 }),
          async (position, mask) => {
            const bytes = whole.slice();
            bytes[position] = (bytes[position] ?? 0) ^ mask;
            seen.add((await outcomeOf(bytes)).code);
          },
        ),
        { seed: 2, numRuns: 100 },
      );
      // Padding and unread members may change; everything that is read has a checksum.
      expect(seen).toContain("graph");
      expect(seen).toContain("A1101");
    },
    fuzzTimeout,
  );

  test("a member name that climbs out is refused", async () => {
    const members = new Map(membersOf(fixtureName)).set("../../outside", encode("x"));
    await expectCode(archiveOf(members, ""), "A1101");
  });

  test("a member that claims to be huge is refused before it is read", async () => {
    const bytes = fixtureBytes(fixtureName).slice();
    const view = new DataView(bytes.buffer);
    const record = lastIndexOf(bytes, encode(`${fixtureName}/${programMember}`)) - 46;
    expect(view.getUint32(record, true)).toBe(0x02014b50);
    for (const field of [20, 24]) view.setUint32(record + field, 0xf0000000, true);
    await expectCode(bytes, "A1102");
  });

  test("a compressed member is refused without inflating it", async () => {
    const members = new Map(membersOf(fixtureName)).set(programMember, new Uint8Array(2 ** 24));
    const bomb = archiveOf(members, "model/", 9);
    expect(bomb.length).toBeLessThan(2 ** 18);
    await expectCode(bomb, "A1102");
  });

  test("a directory larger than its limit is refused", async () => {
    const bytes = new Uint8Array(2 ** 24);
    bytes.set([0x50, 0x4b, 3, 4]);
    const end = new DataView(bytes.buffer, bytes.length - 22);
    end.setUint32(0, 0x06054b50, true);
    for (const [offset, value] of [
      [8, 9],
      [10, 9],
    ] as const)
      end.setUint16(offset, value, true);
    end.setUint32(12, bytes.length - 26, true);
    end.setUint32(16, 4, true);
    const { code, bytesRead } = await outcomeOf(bytes);
    expect(code).toBe("A1101");
    expect(bytesRead).toBeLessThan(2 ** 20);
  });
});

const lastIndexOf = (bytes: Uint8Array, part: Uint8Array): number => Buffer.from(bytes).lastIndexOf(part);

describe("forged programs", () => {
  test.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["no graph", '{"schema_version": {"major": 8, "minor": 0}}'],
    ["deep nesting", "[".repeat(1_000_000)],
    ["deep nesting in an ignored field", `{"schema_version": ${"[".repeat(5000)}${"]".repeat(5000)}}`],
    ["invalid UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
  ])("%s is malformed", async (_, content) => {
    await expectCode(changed(fixtureName, { [programMember]: content }), "A1103");
  });

  test.each<readonly [string, string, (text: string) => string]>([
    ["another schema version", "A5100", (t) => t.replace('"major": 8', '"major": 9')],
    ["a value that nothing computes", "A1104", (t) => t.replaceAll('{"name": "tanh"}', '{"name": "tanh_1"}')],
    [
      "a prototype's name",
      "A1104",
      (t) => t.replace('{"name": "linear"}}, "kind"', '{"name": "constructor"}}, "kind"'),
    ],
    ["an infinite size", "A5102", (t) => t.replaceAll('"as_int": 8}', '"as_int": 9223372036854775807}')],
    ["sizes that differ from the stored", "A1104", (t) => t.replaceAll('"as_int": 8}', '"as_int": 7}')],
    ["a dtype that does not exist", "A5104", (t) => t.replaceAll('"dtype": 7', '"dtype": 99')],
    ["a complex dtype", "A5104", (t) => t.replaceAll('"dtype": 7', '"dtype": 10')],
    ["a symbol that is code", "A5102", (t) => t.replaceAll("Symbol('s77',", "__import__('os',")],
  ])("%s", async (_, code, change) => {
    await expectCode(withProgram(fixtureName, change), code);
  });

  test.each<readonly [string, string, string]>([
    ["storage that is too short", '"as_int": 24', "A1104"],
    ["strides that leave the storage", '"strides": [{"as_int": 3}', "A1104"],
  ])("%s", async (_, part, code) => {
    const member = "data/weights/model_weights_config.json";
    const config = Buffer.from(membersOf(fixtureName).get(member) ?? []).toString();
    const forged =
      part === '"as_int": 24'
        ? config.replace('"storage_offset": {"as_int": 0}', '"storage_offset": {"as_int": 24}')
        : config.replace(part, '"strides": [{"as_int": 1000000007}');
    expect(forged).not.toBe(config);
    await expectCode(changed(fixtureName, { [member]: forged }), code);
  });

  test("an axis that does not exist", async () => {
    const softmax = /("torch\.ops\.aten\.softmax\.int".*?"as_int": )1/s;
    const bytes = withProgram("two_layer_attention_pool", (text) => text.replace(softmax, "$17"));
    await expectCode(bytes, "A1104");
  });

  test(
    "a changed byte of the program gives a graph or a message",
    async () => {
      const members = membersOf(fixtureName);
      const program = members.get(programMember) ?? new Uint8Array();
      const seen = new Map<string, number>();
      const byte = fc.tuple(fc.nat(program.length - 1), fc.integer({ min: 32, max: 126 }));
      await fc.assert(
        fc.asyncProperty(fc.array(byte, { minLength: 1, maxLength: 3 }), async (changes) => {
          const text = program.slice();
          for (const [position, value] of changes) text[position] = value;
          const { code } = await outcomeOf(archiveOf(new Map(members).set(programMember, text)));
          seen.set(code, (seen.get(code) ?? 0) + 1);
        }),
        { seed: 3, numRuns: 100 },
      );
      expect([...seen.keys()]).toEqual(expect.arrayContaining(["graph", "A1103", "A1104"]));
    },
    fuzzTimeout,
  );

  test(
    "a forged number gives a graph or a message",
    async () => {
      const names = ["structure", "reductions", "attention", "products", "masks", "losses", "normalisations"];
      const programs = names.map((name) => {
        const members = membersOf(name);
        return { members, text: decode(members.get(programMember) ?? new Uint8Array()) };
      });
      const places = programs.flatMap(({ members, text }) =>
        [...text.matchAll(/(?<="as_\w+": |\[|, )-?\d+/g)].map((match) => ({ members, text, match })),
      );
      const values = [
        "-1",
        "0",
        "1",
        "2",
        "3",
        "63",
        "-9223372036854775808",
        "9223372036854775807",
        "1e400",
        "0.5",
      ];
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...places), fc.constantFrom(...values), async (place, value) => {
          const { members, text, match } = place;
          const forged = text.slice(0, match.index) + value + text.slice(match.index + match[0].length);
          const bytes = archiveOf(new Map(members).set(programMember, encode(forged)));
          seen.add((await outcomeOf(bytes)).code);
        }),
        { seed: 4, numRuns: 100 },
      );
      expect([...seen]).toEqual(expect.arrayContaining(["graph", "A1103", "A1104", "A2001"]));
    },
    fuzzTimeout,
  );
});

describe("other files", () => {
  test.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ["a checkpoint", { "data.pkl": "", "data/0": "" }, "A1100"],
    ["TorchScript", { "data.pkl": "", "code/__torch__.py": "", "constants.pkl": "" }, "A1100"],
    ["a compiled package", { archive_format: "pt2", "data/aotinductor/model/x.so": "" }, "A1100"],
    ["the first layout without a program", { "../serialized_exported_program.json": "{}" }, "A1103"],
  ])("%s", async (_, members, code) => {
    const named = Object.entries(members).map(
      ([name, text]) => [`model/${name}`.replace(/^.*\.\.\//, ""), encode(text)] as const,
    );
    await expectCode(archiveOf(new Map(named), ""), code);
  });

  test("a pickle of weights in the second layout is not opened", async () => {
    const weights = "data/weights/model_weights_config.json";
    const bytes = changed(fixtureName, { [weights]: undefined, "data/weights/model.pt": "no pickle" });
    await expectCode(bytes, "graph");
  });

  test("two programs are not one", async () => {
    await expectCode(changed(fixtureName, { "models/other.json": "{}" }), "A5101");
  });
});
